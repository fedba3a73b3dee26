#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every JSON file of the tree fits its JSON Schema, and each schema refuses a file that does not.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
check=$top/vmcs-spec/tests/check-schema.py
python=${PYTHON:-python3}
bad=$dir/bad.json

command -v "$python" >/dev/null || skip_all "$python is missing: schemas are not checked"

# fits SCHEMA FILE...; the first file is then spoilt by a key that no schema knows.
fits()
{
	"$python" "$check" "$@"
	status=$?
	[ $status -ne 77 ] || skip_all "python3-jsonschema is missing"
	if [ $status -eq 0 ]; then
		sed '1,/{/s/{/{ "no-such-key": 1,/' "$2" > "$bad"
		! "$python" "$check" "$1" "$bad" 2> /dev/null
		status=$?
	fi
	[ $status -eq 0 ]
	result "${1##*/}"
}

for name in fields assigned rules citations; do
	fits "$top/vmcs-spec/$name.schema.json" "$top/vmcs-spec/$name.json"
done
fits "$top/cpu-model/timing/costs.schema.json" "$top"/cpu-model/timing/costs/*.json
fits "$top/cpu-model/timing/published.schema.json" "$top/cpu-model/timing/published.json"
set -- "$top"/testvectors/vectors/*.json
if [ -e "$top/testvectors/vector.schema.json" ] && [ -e "$1" ]; then
	fits "$top/testvectors/vector.schema.json" "$@"
fi

finish
