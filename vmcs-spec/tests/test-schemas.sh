#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every JSON file of the tree fits its JSON Schema, and each schema refuses a file that does not.

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
check=$top/vmcs-spec/tests/check-schema.py
python=${PYTHON:-python3}

command -v "$python" > /dev/null || {
	echo "$python is missing: schemas are not checked"
	exit 77
}
bad=$(mktemp) || exit 99
trap 'rm -f "$bad"' EXIT
failures=0

# fits SCHEMA FILE...; the first file is then spoilt by a key that no schema knows.
fits()
{
	"$python" "$check" "$@"
	status=$?
	[ $status -eq 77 ] && exit 77
	if [ $status -eq 0 ]; then
		sed '1,/{/s/{/{ "no-such-key": 1,/' "$2" > "$bad"
		! "$python" "$check" "$1" "$bad" 2> /dev/null
		status=$?
	fi
	if [ $status -eq 0 ]; then
		echo "ok - $(basename "$1")"
	else
		echo "not ok - $(basename "$1")"
		failures=$((failures + 1))
	fi
}

for name in fields assigned rules citations; do
	fits "$top/vmcs-spec/$name.schema.json" "$top/vmcs-spec/$name.json"
done
set -- "$top"/testvectors/vectors/*.json
if [ -e "$top/testvectors/vector.schema.json" ] && [ -e "$1" ]; then
	fits "$top/testvectors/vector.schema.json" "$@"
fi

[ "$failures" -eq 0 ]
