#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# epml fuzz: fixed seeds on the model and, if they are built, on Bochs with the model and on Bochs
# as published; a host that lies is found out, and the vector that shows it is a small file.
# EPML_FUZZ_SEED and EPML_FUZZ_COUNT choose other vectors.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../../.." && pwd)}
. "$top/scripts/tap.sh"
bochs=$build/bochs/model/bochs
stock=$build/bochs/stock/bochs
seed=${EPML_FUZZ_SEED:-1}
count=${EPML_FUZZ_COUNT:-1200}
TMPDIR=$dir/tmp
export TMPDIR
mkdir "$TMPDIR" "$dir/found"

# fuzz ARGUMENT...: must find nothing
fuzz()
{
	"$epml" fuzz -o "$dir/found" "$@" > "$dir/out" 2> "$dir/err"
	status=$?
	sed 's/^/# /' "$dir/out" "$dir/err"
	cat "$dir/found"/*.json 2> /dev/null
	[ $status -eq 0 ] && [ ! -s "$dir/err" ]
}

# refused TEXT ARGUMENT...: one line with TEXT, status 2
refused()
{
	text=$1
	shift
	"$epml" fuzz "$@" > "$dir/out" 2> "$dir/err"
	[ $? -eq 2 ] && [ ! -s "$dir/out" ] && [ "$(wc -l < "$dir/err")" -eq 1 ] &&
		grep -q "$text" "$dir/err"
	result "refused: $*"
}

fuzz --on model --seed "$seed" --count $((count * 5))
result "seed $seed, $((count * 5)) vectors on the model"
fuzz --on model --seed 3 --count 300 --profile hardened
grep -v 'steps a minute' "$dir/out" > "$dir/first"
fuzz --on model --seed 3 --count 300 --profile hardened &&
	grep -v 'steps a minute' "$dir/out" | cmp -s - "$dir/first"
result "the same seed has the same result"

refused 'expected a number' --count x
refused 'expected one of them' --count 1 --minutes 1
refused 'expected model, bochs or stock' --on nowhere
refused 'expected published, hardened or all' --profile x
refused 'No such file or directory' -o "$dir/nowhere" --on model
refused 'expected no further argument' --on model x
EPML_BOCHS=/nonexistent
export EPML_BOCHS
refused 'is missing' --on bochs
unset EPML_BOCHS

if [ ! -x "$bochs" ]; then
	echo "# no Bochs with the model in $build/bochs"
	finish
	exit
fi

fuzz --on model,bochs --seed "$seed" --count "$count"
result "seed $seed, $count vectors on the model and on Bochs"

# A host that reports another error code for page faults.
cat > "$dir/liar" <<END
#!/bin/sh
"$bochs" "\$@" | sed 's/^\\(e [0-9a-f]* e\\) 2 /\\1 0 /'
END
chmod +x "$dir/liar"
EPML_BOCHS=$dir/liar
export EPML_BOCHS
"$epml" fuzz --on model,bochs --seed "$seed" --count 20 -o "$dir/found" > "$dir/out" 2> "$dir/err"
[ $? -eq 1 ] && [ ! -s "$dir/err" ] && grep -q '^FAIL vector .*error code 2H' "$dir/out" &&
	[ "$(find "$dir/found" -name 'fuzz-*.json' | wc -l)" -ge 1 ]
result "a difference is found and written" || sed 's/^/# /' "$dir/out" "$dir/err"
small=$(find "$dir/found" -name 'fuzz-*.json' | head -n 1)
[ "$(grep -c '"vector": 14' "$small")" -eq 1 ] && [ "$(wc -l < "$small")" -lt 60 ]
result "the vector is small" || sed 's/^/# /' "$small"
"$epml" vectors --on model "$small" > "$dir/out" 2>&1
result "the vector passes on the model" || sed 's/^/# /' "$dir/out"
"$epml" vectors --on bochs "$small" > "$dir/out" 2>&1
[ $? -eq 1 ] && grep -q 'error code is 0H, expected 2H' "$dir/out"
result "epml vectors shows the difference" || sed 's/^/# /' "$dir/out"
unset EPML_BOCHS

if [ -x "$stock" ]; then
	rm -f "$dir/found"/*
	fuzz --on model,stock --seed "$seed" --count $((count / 2))
	result "seed $seed, $((count / 2)) vectors on stock Bochs" &&
		grep -q '^explained by defects of stock Bochs: 1 .* 4 .* 5 ' "$dir/out"
	result "its defects show"
fi
[ -z "$(ls "$TMPDIR")" ]
result "no temporary files are left"
finish
