# SPDX-License-Identifier: BSD-2-Clause
#
# Input: what "gcov -b -c -t" prints. Output: lines and branches of each source file, and one line
# "file:line: text" for each that was not executed. Exit status 1 if there is one.
#
# Set with -v: top, the prefix of source files that count, which is left out in the output.
#
# A statement with a comment "cover: REASON" may be executed in part; the comment is at the
# statement or on the line before it. One that is not needed any more is a finding too.

# What the statement at a marked line is excused from ends with the statement.
function mark(text,    reason) {
	reason = text
	sub(/.*cover:[ \t]*/, "", reason)
	sub(/[ \t]*\*\/.*/, "", reason)
	if (reason == "")
		finding(line, "the comment \"cover:\" needs a reason")
	marker = line
	markers[file, line] = 1
}

function code_of(text) {
	gsub(/\/\*.*\*\//, "", text)
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

function finding(where, text) {
	found[++n_found] = file ":" where ": " text
}

/^ *[^:]+: *[0-9]+:/ {
	count = $0
	sub(/:.*/, "", count)
	gsub(/[ *]/, "", count)
	text = $0
	sub(/^[^:]*:/, "", text)
	line = text
	sub(/:.*/, "", line)
	line += 0
	sub(/^[^:]*:/, "", text)
	if (line == 0) {
		if (text ~ /^Source:/) {
			file = substr(text, 8)
			wanted = index(file, top) == 1
			file = substr(file, length(top) + 1)
			marker = 0
			branch = 0
		}
		next
	}
	if (!wanted)
		next
	if (text ~ /\/\* cover:/)
		mark(text)
	excuse[file, line] = marker
	if (marker && code_of(text) ~ /[;{}]$/)
		marker = 0
	branch = 0
	if (count == "-")
		next
	if (!(file in files)) {
		files[file] = 1
		order[++n_files] = file
	}
	if (!((file, line) in lines)) {
		lines[file, line] = 0
		key[++n_lines] = file SUBSEP line
	}
	lines[file, line] += count ~ /^[0-9]/ ? count : 0
	next
}

wanted && /^branch/ {
	if (branch + 1 > branches[file, line])
		branches[file, line] = branch + 1
	taken[file, line, branch] += $3 == "taken" ? $4 : 0
	branch++
}

END {
	for (i = 1; i <= n_lines; i++) {
		split(key[i], part, SUBSEP)
		file = part[1]
		line = part[2]
		excused = excuse[file, line]
		total[file]++
		if (lines[file, line]) {
			executed[file]++
		} else if (excused) {
			used[file, excused] = 1
			exceptions[file]++
		} else {
			finding(line, "not executed by any vector")
		}
		n = branches[file, line]
		for (b = 0; b < n; b++) {
			total_branches[file]++
			if (taken[file, line, b]) {
				taken_branches[file]++
			} else if (excused) {
				used[file, excused] = 1
				branch_exceptions[file]++
			} else if (lines[file, line]) {
				finding(line, "branch " b + 1 " of " n " not taken by any vector")
			}
		}
	}
	for (m in markers) {
		split(m, part, SUBSEP)
		file = part[1]
		if (!used[m])
			finding(part[2], "executed in full, the comment \"cover:\" is not needed")
	}
	printf "%-28s %16s %18s\n", "file", "lines", "branches"
	for (i = 1; i <= n_files; i++) {
		f = order[i]
		printf "%-28s %s %s\n", f, part_of(executed[f], total[f], exceptions[f]),
			part_of(taken_branches[f], total_branches[f], branch_exceptions[f])
		all += total[f]
		all_executed += executed[f]
		all_exceptions += exceptions[f]
		all_branches += total_branches[f]
		all_taken += taken_branches[f]
		all_branch_exceptions += branch_exceptions[f]
	}
	printf "%-28s %s %s\n", "all", part_of(all_executed, all, all_exceptions),
		part_of(all_taken, all_branches, all_branch_exceptions)
	for (i = 1; i <= n_found; i++)
		print found[i]
	if (!n_files)
		print "no file of " top " in the input"
	exit n_found > 0 || !n_files
}

# "31 of 32 + 1": executed, there, and excused.
function part_of(done, of, excused,    text) {
	text = (done + 0) " of " (of + 0)
	if (excused)
		text = text " + " excused
	return sprintf("%18s", text)
}
