#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# specgen: a good specification gives the same constants to C and to the assembler; each kind of
# mistake is refused with one line that names file and line, status 2, and no output.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
spec=$top/vmcs-spec
specgen=$build/vmcs-spec/specgen
cc=${CC:-cc}

fresh()
{
	rm -rf "$dir/spec" && mkdir "$dir/spec" || exit 99
	cp "$spec/fields.json" "$spec/assigned.json" "$spec/rules.json" "$dir/spec" || exit 99
}

# refuse FILE PATTERN SCRIPT TEXT: after SCRIPT (sed) has changed FILE, the specification is
# refused with a message that matches PATTERN and names the line that SCRIPT has changed.
refuse()
{
	fresh
	sed "$3" "$spec/$1" > "$dir/spec/$1"
	line=$(diff "$spec/$1" "$dir/spec/$1" | sed -n 's/^[0-9,]*[acd]\([0-9]*\).*/\1/p;1q')
	rm -f "$dir/out"*
	"$specgen" --header "$dir/spec" "$dir/out" > "$dir/stdout" 2> "$dir/stderr"
	status=$?
	message=$(cat "$dir/stderr")
	[ $status -eq 2 ] && [ -n "$line" ] && [ ! -s "$dir/stdout" ] &&
		[ "$(wc -l < "$dir/stderr")" -eq 1 ] && [ -z "$(ls "$dir" | grep '^out')" ] &&
		case $message in
		"$dir/spec/$1:$line: "*) true ;;
		*) false ;;
		esac && printf '%s\n' "$message" | grep -q -e "$2"
	result "refused: $4" || echo "# line $line: $message"
}

add_field()	# sed script that adds a field behind the line of VPID
{
	printf '/"name": "VPID"/a\\\n    {%s},\n' "$1"
}

# ---- A good specification ------------------------------------------------------------------

fresh
for output in header:a.h asm:a.inc tables:a.c markdown:a.md document:blocks.md; do
	"$specgen" "--${output%:*}" "$dir/spec" "$dir/${output#*:}"
	result "writes --${output%:*}"
done
"$specgen" --check "$dir/spec"
result "--check accepts it"

# Both outputs define the same values: print the header's with C, the assembler's with nm.
{
	echo '#include <stdio.h>'
	echo '#include "a.h"'
	echo 'int main(void) {'
	sed -n 's/^#define \(EPML_[A-Z0-9_]*\) .*/printf("%016llx \1\\n", (unsigned long '\
'long)\1);/p' \
		"$dir/a.h" | grep -v CONSTANTS_H
	echo 'return 0; }'
} > "$dir/print.c"
$cc -Wall -Wextra -o "$dir/print" "$dir/print.c" && "$dir/print" | sort > "$dir/c.txt" &&
	[ -s "$dir/c.txt" ]
result "the header compiles"
$cc -x assembler-with-cpp -c -o "$dir/a.o" "$dir/a.inc" &&
	nm "$dir/a.o" | sed -n 's/^\([0-9a-f]*\) a /\1 /p' | sort > "$dir/asm.txt" &&
	cmp -s "$dir/c.txt" "$dir/asm.txt"
result "C and assembler agree"
$cc -Wall -Wextra -I"$spec" -c -o "$dir/tables.o" "$dir/a.c"
result "the tables compile"
grep -q '0000000000002060 EPML_VMCS_GUEST_PML_ADDRESS$' "$dir/c.txt"
result "Guest PML Address is 2060H"
grep -q '^| \*\*`GUEST_PML_INDEX`\*\* | 0820H | 16 | guest-state |' "$dir/a.md"
result "Markdown sets new fields in bold"

# One changed line moves an encoding everywhere.
sed 's/"0x2060"/"0x2062"/' "$spec/fields.json" > "$dir/spec/fields.json"
"$specgen" --header "$dir/spec" "$dir/b.h" &&
	[ "$(diff "$dir/a.h" "$dir/b.h" | grep -c '^>')" -eq 2 ] &&
	grep -q 'GUEST_PML_ADDRESS_HIGH *0x2063u' "$dir/b.h"
result "an encoding changes in one line"

# ---- Mistakes in fields.json ---------------------------------------------------------------

good='"width": 16, "type": "control", "title": "T", "new": true'
refuse fields.json 'VPID is defined twice' \
	"$(add_field "\"name\": \"VPID\", \"encoding\": \"0x0020\", $good")" "a name twice"
refuse fields.json 'EPML_VMCS_IO_BITMAP_A_ADDRESS_HIGH is defined twice' \
	's/"name": "IO_BITMAP_B_ADDRESS"/"name": "IO_BITMAP_A_ADDRESS_HIGH"/' \
	"the name of another field's high half"
refuse fields.json 'encoding 0x0010 is' \
	's/"GUEST_PML_THRESHOLD", "encoding": "0x0012"/"GUEST_PML_THRESHOLD", "encoding": '\
'"0x0010"/' \
	"an encoding twice"
refuse fields.json 'expected width 16' \
	"$(add_field "\"name\": \"X\", \"encoding\": \"0x0020\", \"width\": 64,\
 \"type\": \"control\", \"title\": \"T\"")" \
	"a width that the encoding does not have"
refuse fields.json 'expected type "guest-state"' \
	"$(add_field "\"name\": \"X\", \"encoding\": \"0x0830\", $good")" \
	"a type that the encoding does not have"
refuse fields.json 'bits 0, 12 and 63:15 clear' \
	"$(add_field "\"name\": \"X\", \"encoding\": \"0x0021\",\
 $good")" "the encoding of a high half"
refuse fields.json 'bits 0, 12 and 63:15 clear' \
	"$(add_field "\"name\": \"X\", \"encoding\": \"0x10020\",\
 $good")" "an encoding above 15 bits"
refuse fields.json 'bad number' \
	"$(add_field "\"name\": \"X\", \"encoding\": \"20H\",\
 $good")" "an encoding that is no number"
refuse fields.json 'bad name' \
	"$(add_field "\"name\": \"Bad-Name\", \"encoding\": \"0x0020\", $good")" "a bad name"
refuse fields.json 'bad title' 's/"title": "EPTP index"/"title": "EPTP *\/ index"/' \
	"a title that ends a comment"
refuse fields.json 'bad title' 's/"title": "EPTP index"/"title": "EPTP\\nindex"/' \
	"a title of two lines"
refuse fields.json 'unknown key' \
	"$(add_field "\"name\": \"X\", \"encoding\": \"0x0020\", \"colour\": \"red\", $good")" \
	"an unknown key"
refuse fields.json 'has no "title"' \
	"$(add_field '"name": "X", "encoding": "0x0020", "width": 16, "type": "control"')" \
	"a missing key"
refuse fields.json 'assigned to "HLAT prefix size"' 's/"0x0010"/"0x0006"/' \
	"a new field at an encoding of the SDM"
refuse fields.json 'not in assigned.json' 's/"0x0002", "width": 16/"0x0030", "width": 16/' \
	"an SDM field at a free encoding"
refuse fields.json 'assigned to "LOADIWKEY exiting"\|is LOADIWKEY_EXITING' \
	's/"ENABLE_GUEST_PML", "bits": "32"/"ENABLE_GUEST_PML", "bits": "0"/' \
	"a new control at a bit of the SDM"
refuse fields.json 'assigned to "Instruction timeout"' \
	's/"INSTRUCTION_TIMEOUT", "bits": "31", "title": "Instruction timeout"/"X", "bits": '\
'"31", "title": "X", "new": true/' \
	"a new control in a full control word"
refuse fields.json 'bits 4:2 is' 's/"bits": "5:3", "title": "Page-walk/"bits": "4:2", '\
'"title": "Page-walk/' \
	"overlapping bits"
refuse fields.json 'bits below\|below 32' 's/"ACTIVATE_SECONDARY", "bits": '\
'"31"/"ACTIVATE_SECONDARY", "bits": "32"/' \
	"a bit outside the layout"
refuse fields.json 'bad bits' 's/"bits": "5:3"/"bits": "3:5"/' "bits in the wrong order"
refuse fields.json 'bit 12 is NMI_UNBLOCKING' \
	's/"GUEST_LOG", "bits": "0"/"GUEST_LOG", "bits": "12"/' \
	"a bit of an included layout"
refuse fields.json 'value 28 is INVALID_INV_OPERAND' 's/"GPML_VALUE", "value": '\
'29/"GPML_VALUE", "value": 28/' \
	"a new VM-instruction error with a number of the SDM"
refuse fields.json 'expected true' \
	's/"GUEST_LOG", "bits": "0", "title": "The guest log is full", "new": '\
'true/"GUEST_LOG", "bits": "0", "title": "The guest log is full", "new": 1/' \
	'"new" that is not true'
refuse fields.json 'expected JSON' "$(add_field '"name": "X"')
s/\"name\": \"VPID\"/\"name\" \"VPID\"/" "what is not JSON"
refuse fields.json 'does not fix full' 's/"full": "drop", //' "a profile with a gap"
refuse fields.json 'unknown value' 's/"full": "drop", /"full": "lose", /' \
	"a profile with an unknown value"

# ---- Mistakes in assigned.json and rules.json -----------------------------------------------

refuse assigned.json 'encoding 0x0002' 's/"0x0004"/"0x0002"/' "an assigned encoding twice"
refuse rules.json 'defined twice' 's/"EPT-WALK-2"/"EPT-WALK-1"/' "a rule twice"
refuse rules.json 'bad rule id' 's/"EPT-WALK-2"/"PML-WALK-2"/' "a rule in the wrong chapter"
refuse rules.json 'expected FILE:NAME' 's/test_state.c:smm_default/test_state.c/' \
	"evidence that names no test"
refuse rules.json 'expected FILE:NAME' 's/\["cpu-model[^]]*smm_default"\]/[]/' \
	"evidence without a test"
refuse rules.json 'has no "why"' \
	's/, "why": "The guest of the vectors gets no SMI."//;ta;b;:a;n;ba' \
	"evidence without a reason"
refuse rules.json 'unknown parameter' 's/{"full": "drop"}/{"fill": "drop"}/' \
	"a rule with an unknown parameter"
refuse rules.json 'unknown value "no"' 's/\["exit", "ve"\]/["exit", "no"]/' \
	"a rule with an unknown value"

# ---- Files and arguments -------------------------------------------------------------------

fresh
"$specgen" --header "$dir/spec" "$dir/no-such-directory/out" 2> "$dir/stderr"
[ $? -eq 2 ] && [ "$(wc -l < "$dir/stderr")" -eq 1 ]
result "refused: an output that cannot be written"
rm "$dir/spec/rules.json"
"$specgen" --check "$dir/spec" 2> "$dir/stderr"
[ $? -eq 2 ] && grep -q 'rules.json:1: ' "$dir/stderr"
result "refused: a missing file"
for arguments in "" "--header" "--nothing $dir/spec $dir/out" "--check"; do
	# shellcheck disable=SC2086
	"$specgen" $arguments 2> "$dir/stderr"
	[ $? -eq 2 ] && [ "$(wc -l < "$dir/stderr")" -eq 1 ]
	result "refused: arguments '${arguments%% *}'"
done

finish
