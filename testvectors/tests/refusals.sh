#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The loader refuses every wrong vector with one line "file:line: ..." and exit status 2. Each case
# is a sed script that spoils one line of a good file.
set -u

top=${abs_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
. "$top/scripts/tap.sh"
cd "$dir" || exit 99

cat > good.json <<'JSON'
{
  "vectors": [
    {
      "id": "test/good",
      "title": "A good vector.",
      "rules": ["GPML-LOG-1", "EPT-AD-1"],
      "properties": ["P1", "P5"],
      "requires": "epml",
      "profiles": ["published", "hardened"],
      "params": {"full": "exit"},
      "setup": {
        "cpl": 0,
        "if": true,
        "controls": ["pml", "guest-pml", "vmcs-shadowing"],
        "no_controls": ["vid"],
        "eptp": {"ad": true, "memtype": 6, "walk_length": 3},
        "fields": {"PML_INDEX": 5, "GUEST_PML_ADDRESS_HIGH": 0},
        "pages": [
          {"gva": "0x400000", "gpa": "0x200000", "guest": "pwu", "ept": "rwx"},
          {"gva": "0x800000", "gpa": "0x600000", "size": "2M", "ept_size": "2M", "count": 1},
          {"gpa": "0x800000", "ept": {"flags": "r", "upper": [{"level": 2, "raw_set": 8}]}}
        ],
        "guest_tables": "rwxAD",
        "log_page": {"ept": "rwx", "hpa": "0x3000000"},
        "memory": [{"at": "epte(0x200000)", "value": "0x12", "size": 2}],
        "bitmaps": {"vmread": ["PML_INDEX"], "vmwrite": ["!GUEST_CR3"]},
        "ist": "0x400800"
      },
      "steps": [
        {"store": "alias:pte(0x400000)", "value": "0x1122", "size": 2},
        {"stos": "0x400000", "count": 3, "value": 1, "size": 1},
        {"vmwrite": "GUEST_PML_INDEX", "value": 1},
        {"fxsave": "0x400000", "value": 3},
        {"cli": 1},
        {"peek": "hpa(0x200000)+8"},
        {"invvpid": 1, "vpid": 1},
        {"self_ipi": 64}
      ],
      "handlers": {"64": [{"eoi": 1}]},
      "expect": {
        "entry": "ok",
        "exits": [{"reason": "VMCALL", "qualification": 0, "step": 2}],
        "events": [{"vector": 64, "error": 0, "step": 7}],
        "results": [1, {"value": 2, "cf": false, "zf": 0}],
        "guest_log": ["0x400000"],
        "guest_index": 510,
        "pml_log": [],
        "fields": {"VPID": 0},
        "memory": [{"at": "glog(511)", "value": 1}],
        "ept": {"0x200000": "AD"},
        "pte": {"0x400000": "ad"}
      },
      "published": {"expect": {"guest_log": []}},
      "hardened": {"setup": {"cpl": 3}}
    },
    {
      "id": "test/sdm",
      "title": "Another.",
      "rules": ["PML-LOG-1"],
      "requires": "sdm",
      "stock": {"defect": 4, "text": "text"},
      "setup": {"no_controls": []},
      "steps": [{"nop": 1}, {"load": 0}],
      "expect": {"results": [0]}
    }
  ]
}
JSON

# The good file is taken: its vectors run, whether they pass or not.
"$epml" vectors --on model good.json > out 2> err
[ $? -le 1 ] && [ ! -s err ]
result "the good file is taken"

# Is the file bad.json refused with one line that has the text "$1", at line $2?
is_refused() {
	"$epml" vectors --on model bad.json > out 2> err
	[ $? -eq 2 ] && [ ! -s out ] && [ "$(wc -l < err)" -eq 1 ] &&
		grep -q "^bad\.json:$2: " err && grep -qF -- "$1" err && return
	sed "s/^/# line $2 was expected: /" err
	return 1
}

# refused "text" "sed script" ["pattern"]: the spoilt file is refused with that text, at the line
# that the script has changed or at the first that matches the pattern.
refused() {
	sed "$2" good.json > bad.json
	line=$(diff good.json bad.json | sed -n '1s/^\([0-9]*\).*/\1/p')
	[ $# -lt 3 ] || line=$(grep -n -- "$3" bad.json | sed -n '1s/:.*//p')
	is_refused "$1" "$line"
	result "refused: $1"
}

# The file
refused "a vector file has no key" '/"vectors"/s/vectors/vector/' '"vector"'
refused "a vector has no key" '/good vector/s/title/titel/'
refused "expected the key id" '/test.good/d' '^    {'
refused "expected chapter/short-name" '/test.good/s,test/good,Good,'
refused "the id stands twice, first in bad.json:3" 's,test/sdm,test/good,'
refused "expected the key title" '/good vector/d' '^    {'
refused "title: expected a string" 's/"A good vector."/7/'

# What a vector says about itself
refused 'there is no rule "GPML-LOG-99"' 's/GPML-LOG-1/GPML-LOG-99/'
refused "rules: expected at least one rule" '/GPML-LOG/s/\[.*\]/[]/'
refused "rules: expected a list" '/GPML-LOG/s/\[.*\]/"GPML-LOG-1"/'
refused "properties: expected P1 to P5" 's/P5/P6/'
refused 'requires: expected "sdm" or "epml"' '/"epml"/s/epml/pml/'
refused "expected the key requires" '/"epml"/d' '^    {'
refused 'profiles: expected "published" or "hardened"' '/profiles/s/hardened/hard/'
refused "the vector does not run in profile published" '/profiles/s/"published", //' \
	'"published": {'
refused "parameter full" '/params/s/exit/never/'
refused 'there is no design parameter "fill"' '/params/s/full/fill/'
refused "published has no key" '/"published": {/s/expect/expects/'
refused "stock: expected the keys defect and text" 's/, "text": "text"//'
refused 'stock needs "requires": "sdm"' 's/"sdm"/"epml"/' '"stock"'
refused "defect: expected the number of a defect" '/defect/s/4/0/'

# setup
refused "cpl: expected 0 or 3" '/"cpl": 0/s/0/1/'
refused "if: expected true or false" '/"if"/s/true/1/' '"setup"'
refused 'controls has no "gpml"' '/"controls"/s/guest-pml/gpml/'
refused 'controls: "pml" stands twice' '/"controls"/s/guest-pml/pml/'
refused "no_controls: tertiary is off anyway" '/"no_controls": \[\]/s/\[\]/["tertiary"]/'
refused 'the control guest-pml needs "requires": "epml"' \
	's/"no_controls": \[\]/"controls": ["guest-pml"]/'
refused "memtype is 8H, expected at most 7H" '/eptp/s/6/8/'
refused "eptp has no key" '/eptp/s/memtype/type/'
refused 'there is no VMCS field "PML_INDEXX"' '/fields/s/PML_INDEX/PML_INDEXX/'
refused "PML_INDEX has 16 bits, 10000H does not fit" '/PML_INDEX": 5/s/5/65536/'
refused "gva and gpa: expected multiples of 1000H" '/pwu/s/0x400000/0x400008/'
refused "gva and gpa: expected less than 8000000000H" '/pwu/s/0x400000/0x8000000000/'
refused "flag 'r': expected p, w, u, x, a, d, g" '/pwu/s/pwu/rwx/'
refused "flag 'p': expected r, w, x, A, D, s, v, m0 to m7" '/pwu/s/rwx/pwu/'
refused "a page: expected gva, gpa or both" '/pwu/s/"gva.*gpa": "0x200000", //'
refused "a page without gva has no guest entry" '/pwu/s/"gva": "0x400000", //'
refused "a page has no key" '/pwu/s/"ept"/"epte"/'
refused "GPA 100000H is mapped already, in another way" '/pwu/s/0x200000/0x100000/'
refused "gva and gpa: expected multiples of 200000H" '/2M/s/0x800000/0x801000/'
refused 'expected "4K", "2M" or "1G"' '/2M/s/2M/2m/'
refused "count: expected at least 1" '/2M/s/"count": 1/"count": 0/'
refused "differ in the offset in an EPT page of 40000000H bytes" \
	'/2M/s/"ept_size": "2M"/"ept_size": "1G"/'
refused "GVA 400000H is mapped already, in another way" '/2M/s/0x800000/0x400000/'
refused "expected 2 (PDE), 3 (PDPTE) or 4 (PML4E)" 's/"level": 2/"level": 1/'
refused "upper: expected the key level" 's/"level": 2, //'
refused "frame 5000000H is not in RAM" 's/{"gpa": "0x800000"/&, "hpa": "0x5000000"/'
refused 'spp: expected ept_size "4K"' '/2M/s/"ept_size": "2M"/&, "spp": 1/'
refused "writable is 100000000H, expected at most FFFFFFFFH" \
	's/{"gpa": "0x800000"/&, "spp": "0x100000000"/'
refused 'spp has no key "vector"' 's/{"gpa": "0x800000"/&, "spp": {"vector": 1}/'
refused "writable: expected a number" 's/{"gpa": "0x800000"/&, "spp": {"writable": "all"}/'
refused "expected 2 (PDE), 3 (PDPTE) or 4 (PML4E)" \
	's/{"gpa": "0x800000"/&, "spp": {"upper": [{"level": 1}]}/'
refused "is a value, expected an address" '/epte/s/epte(0x200000)/spp(1)/'
refused "no page gives sub-page permissions for this GPA" '/epte/s/epte/sppte/'
refused "there is no paging-structure entry of this level" \
	'/epte/s/epte(0x200000)/sppte(0x200000,1)/'
refused "expected one bit for each of 32 sub-pages" \
	'/epte/s/"0x12", "size": 2/"spp(0x100000000)"/'
refused "spp() is no address" '/epte/s/"0x12", "size": 2/"alias:spp(1)"/'
refused "guest_tables: expected a string of flags" '/guest_tables/s/"rwxAD"/7/'
refused "hpa: expected a multiple of 1000H" '/log_page/s/0x3000000/0x3000001/'
refused "memory: expected the keys at and value" '/epte/s/, "value": "0x12"//'
refused "value 10012H does not fit in 2 bytes" '/epte/s/0x12/0x10012/'
refused "size: expected one of: 1, 2, 4, 8" '/epte/s/"size": 2/"size": 3/'
refused "address: EPT does not map this GPA" '/epte/s/0x200000/0x900000/'
refused "HPA 500000H: expected one from 1000000H to 3FFFFFFH" 's/epte(0x200000)/0x500000/'
refused "is a GVA, expected an HPA; leave out alias:" '/epte/s/epte/alias:epte/'
refused "bitmaps need the control vmcs-shadowing" '/"controls"/s/, "vmcs-shadowing"//' bitmaps

# steps
refused "is an HPA, expected a GVA; did you mean alias:?" 's/alias://'
refused "address: the guest does not map this GVA" '/alias/s/0x400000/0x500000/'
refused 'expected the key "value"' '/alias/s/"value": "0x1122", //'
refused "value 11223H does not fit in 2 bytes" 's/0x1122/0x11223/'
refused "size: expected one of: 1, 8" '/stos/s/"size": 1/"size": 2/'
refused "count is 10001H, expected at most 10000H" '/stos/s/"count": 3/"count": 65537/'
refused 'there is no VMCS field "GUEST_PML"' '/vmwrite": "GUEST/s/_INDEX//'
refused 'expected the key "value"' '/fxsave/s/, "value": 3//'
refused 'fxsave has no key "size"' '/fxsave/s/3/3, "size": 512/'
refused "cli: expected 1" '/cli/s/1/2/'
refused "this is no step of docs/vectors.md" '/cli/s/cli/clj/'
refused "peek has no key" '/peek/s/}/, "value": 1}/'
refused "invvpid is 9H, expected at most 3H" '/invvpid/s/1/9/'
refused 'key "256": expected at most FFH' '/handlers/s/64/256/'
refused "poke is a host step, a handler has guest steps" \
	'/handlers/s/"eoi": 1/"poke": 50331648, "value": 1/'
refused "handler 64: expected steps" '/handlers/s/\[.*\]/[]/'

# expect
refused 'entry: expected "ok" or an object' 's/"ok"/"fine"/'
refused "entry: expected either error or reason" 's/"ok"/{"error": 7, "reason": 1}/'
refused "reason: expected a number or a name as EPT_VIOLATION" 's/VMCALL/VMCALLED/'
refused "step: the vector has 9 steps" '/VMCALL/s/"step": 2/"step": 9/'
refused "a VM exit: expected the key reason" 's/"reason": "VMCALL", //'
refused "vector is 100H, expected at most FFH" '/"events"/s/64/256/'
refused "cf: expected a number" '/"cf"/s/false/"no"/'
refused "2 results are expected, but only 1 steps give one" 's/"results": \[0\]/"results": [0, 0]/'
refused "guest_log needs the control guest-pml" '/"controls"/s/"guest-pml", //' '"published": {'
refused "guest_index is 10000H, expected at most FFFFH" 's/510/65536/'
refused "pml_log needs the control pml" '/"controls"/s/"pml", //' pml_log
refused "expected a log index from 0 to 511" 's/511/512/'
refused "GPA 900000H is not mapped in this vector" '/"ept": {"0x/s/0x200000/0x900000/'
refused "GVA C00000H is not mapped in this vector" '/"pte"/s/0x400000/0xC00000/'
refused "pte: expected a string of the flags a and d" '/"pte"/s/ad/AD/'
refused 'key "x": expected a number' '/"pte"/s/0x400000/x/'

# Other files
"$epml" vectors --on model none.json > out 2> err
[ $? -eq 2 ] && [ ! -s out ] && [ "$(wc -l < err)" -eq 1 ] && grep -q '^none\.json' err
result "a file that does not exist"
mkdir dir && cp good.json dir/a.json && cp good.json dir/b.json
"$epml" vectors --on model dir > out 2> err
[ $? -eq 2 ] && grep -q '^dir/b.json:4: test/good: the id stands twice, first in dir/a.json:3' err
result "one id in two files of a directory"
finish
