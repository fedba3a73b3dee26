/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "bochs_child.h"
#include "cli_error.h"
#include "xen_attach.h"
#include "xen_terminal.h"

#define SOCKET	"console.socket"
#define LEAVE	0x1d	/* Ctrl-] */

/* ---- The boot's side ------------------------------------------------------------------------- */

static int address(struct sockaddr_un *a, const char *directory)
{
	const int size = snprintf(a->sun_path, sizeof(a->sun_path), "%s/" SOCKET, directory);

	a->sun_family = AF_UNIX;
	return size < (int)sizeof(a->sun_path) ? 0 : -1;
}

void xen_attach_open(struct xen_attach *a, const struct xen_dir *d)
{
	struct sockaddr_un name;

	for (unsigned i = 0; i < XEN_CLIENTS; i++)
		a->client[i] = -1;
	a->listener = address(&name, d->path)
		? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->listener < 0)
		return;
	if (bind(a->listener, (struct sockaddr *)&name, sizeof(name)) ||
	    chmod(name.sun_path, 0600) || listen(a->listener, 1)) {
		close(a->listener);
		a->listener = -1;
	}
}

void xen_attach_close(struct xen_attach *a)
{
	for (unsigned i = 0; i < XEN_CLIENTS; i++)
		if (a->client[i] >= 0)
			close(a->client[i]);
	if (a->listener >= 0)
		close(a->listener);
}

void xen_attach_poll(const struct xen_attach *a, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ .fd = a->listener, .events = POLLIN };
	for (unsigned i = 0; i < XEN_CLIENTS; i++)
		fds[1 + i] = (struct pollfd){ .fd = a->client[i], .events = POLLIN };
}

static void drop(struct xen_attach *a, unsigned i)
{
	close(a->client[i]);
	a->client[i] = -1;
}

/* A new terminal first sees what was printed last. */
static void greet(int client, const struct xen_console *console)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	xen_console_print_last(console, out);
	if (!fclose(out))
		send(client, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	free(text);
}

static void take_client(struct xen_attach *a, const struct xen_console *console)
{
	const int client = accept4(a->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (unsigned i = 0; i < XEN_CLIENTS && client >= 0; i++) {
		if (a->client[i] < 0) {
			a->client[i] = client;
			greet(client, console);
			return;
		}
	}
	if (client >= 0)
		close(client);
}

void xen_attach_serve(struct xen_attach *a, const struct pollfd *fds, struct xen_serial *serial,
		      const struct xen_console *console)
{
	char bytes[256];

	for (unsigned i = 0; i < XEN_CLIENTS; i++) {
		ssize_t n;

		if (a->client[i] < 0 || !fds[1 + i].revents)
			continue;
		n = read(a->client[i], bytes, sizeof(bytes));
		if (n > 0)
			xen_serial_queue(serial, bytes, (size_t)n);
		else if (n == 0 || errno != EAGAIN)
			drop(a, i);
	}
	if (fds[0].revents)
		take_client(a, console);
}

void xen_attach_send(struct xen_attach *a, const char *bytes, size_t n)
{
	for (unsigned i = 0; i < XEN_CLIENTS; i++)
		if (a->client[i] >= 0)
			send(a->client[i], bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* ---- The other terminal's side --------------------------------------------------------------- */

static int connect_to(const char *directory)
{
	struct sockaddr_un name;
	const int fd = address(&name, directory) ? -1
		     : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !connect(fd, (struct sockaddr *)&name, sizeof(name)))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The one boot that runs; sockets that nobody listens to are left over from killed ones. */
static int find_boot(void)
{
	const char *tmp = getenv("TMPDIR");
	char pattern[PATH_MAX];
	int found = -1, n = 0;
	glob_t all;

	snprintf(pattern, sizeof(pattern), "%s/epml-*/" SOCKET, tmp && *tmp ? tmp : "/tmp");
	if (glob(pattern, 0, NULL, &all))
		return cli_error("no boot is running"), -1;
	for (size_t i = 0; i < all.gl_pathc; i++) {
		int fd;

		*strrchr(all.gl_pathv[i], '/') = '\0';
		fd = connect_to(all.gl_pathv[i]);
		if (fd < 0)
			continue;
		if (n++)
			close(fd);
		else
			found = fd;
	}
	globfree(&all);
	if (n != 1)
		cli_error(n ? "several boots are running; expected the directory of one"
			    : "no boot is running");
	if (n > 1)
		close(found);
	return n == 1 ? found : -1;
}

/* @return	false at the end */
static bool copy(int from, int to, bool typed)
{
	char bytes[4096];
	const ssize_t n = read(from, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0 || (typed && memchr(bytes, LEAVE, (size_t)n)))
		return false;
	return write(to, bytes, (size_t)n) == n;
}

static void talk(int fd)
{
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN }, { .fd = 0, .events = POLLIN }
	};

	while (!bochs_stopped()) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents && !copy(fd, 1, false))
			return;
		if (fds[1].revents && !copy(0, fd, true))
			return;
	}
}

int xen_attach_run(const char *directory)
{
	struct xen_terminal terminal;
	int fd;

	if (directory) {
		fd = connect_to(directory);
		if (fd < 0)
			return cli_error("%s: no boot is running there", directory);
	} else {
		fd = find_boot();
		if (fd < 0)
			return STATUS_BAD;
	}
	fprintf(stderr, "Ctrl-] leaves the console.\n");
	xen_terminal_raw(&terminal);
	talk(fd);
	xen_terminal_restore(&terminal);
	close(fd);
	return 0;
}
