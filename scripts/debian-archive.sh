# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Files of a Debian suite that this machine is not set up for; to be sourced. The apt configuration,
# lists and state are private ones in a directory of the caller. The system's setup is only read,
# for the address of its mirror.

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Repositories of this machine's own apt setup that can carry Debian's archive, the likeliest first.
debian_mirrors() {
	# shellcheck disable=SC2016  # apt-get expands them
	apt-get indextargets --format '$(COMPONENT) $(REPO_URI)' 2>/dev/null |
		sed -n 's/^main //p' | grep -v security | awk '!seen[$0]++' | head -n 4
}

# debian_missing: what this machine lacks for the functions below, in a line; nothing if all is
# there.
debian_missing() {
	if ! command -v apt-get >/dev/null; then
		echo "there is no apt-get"
	elif [ ! -f $debian_keyring ]; then
		echo "$debian_keyring is missing; install the package debian-archive-keyring"
	fi
}

# debian_config DIR: write DIR/apt.conf, with which apt has its lists and state in DIR, so that they
# are fresh and need no rights.
debian_config() {
	mkdir -p "$1/lists/partial" "$1/archives/partial"
	: >"$1/status"
	cat >"$1/apt.conf" <<-CONF
		Dir::State "$1";
		Dir::State::lists "$1/lists";
		Dir::State::status "$1/status";
		Dir::Cache "$1";
		APT::Sandbox::User "";
		Acquire::Retries "2";
		Acquire::http::Timeout "30";
		Acquire::Languages "none";
	CONF
}

# debian_get DIR "SOURCE" APT-GET-ARGUMENT...: run apt-get in DIR/files with the one line SOURCE as
# its list of sources. What it prints goes to DIR/log.
debian_get() {
	debian_dir=$1
	debian_config "$1"
	mkdir -p "$1/files"
	echo "$2" >"$1/sources.list"
	cat >>"$1/apt.conf" <<-CONF
		Dir::Etc::sourcelist "$1/sources.list";
		Dir::Etc::sourceparts "/dev/null";
	CONF
	shift 2
	(
		cd "$debian_dir/files" || exit 2
		APT_CONFIG=$debian_dir/apt.conf
		export APT_CONFIG
		apt-get -q update && apt-get -q "$@"
	) >>"$debian_dir/log" 2>&1
}

# debian_fetch DIR TYPE SUITE "FILE..." APT-GET-ARGUMENT...: fetch the files from the first mirror
# that has them all, to DIR/files. TYPE is deb or deb-src.
debian_fetch() {
	fetch_dir=$1 fetch_type=$2 fetch_suite=$3 fetch_files=$4
	shift 4
	for uri in $(debian_mirrors); do
		fetch_source="$fetch_type [signed-by=$debian_keyring] $uri $fetch_suite main"
		debian_get "$fetch_dir" "$fetch_source" "$@"
		fetch_found=$?
		for file in $fetch_files; do
			[ -f "$fetch_dir/files/$file" ] || fetch_found=1
		done
		[ $fetch_found -ne 0 ] || return 0
		rm -rf "$fetch_dir/lists" "$fetch_dir/files"
	done
	return 1
}

# debian_keep_log DIR FILE: the log of what was tried in DIR, which may be nothing.
debian_keep_log() {
	cp "$1/log" "$2" 2>/dev/null || : >"$2"
}

# keep_archive FILE DIR NAME: copy an archive to DIR/NAME, complete or not at all.
keep_archive() {
	archive_part=$(mktemp "$2/$3.XXXXXX")
	cp "$1" "$archive_part"
	chmod 644 "$archive_part"
	mv "$archive_part" "$2/$3"
}

# has_sum FILE SHA256
has_sum() {
	[ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]
}
