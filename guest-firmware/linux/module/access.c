// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether the caller may track a process: if it may ptrace it. The kernel exports no function that
 * answers this to modules, but it asks itself when /proc/PID/mem is opened, with all security
 * modules; and whoever may read and write a process's memory may know what was written. So the
 * module opens that file in the caller's name, and makes sure that it is that file: the caller
 * chooses what is mounted on /proc.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>

#include "module.h"

static bool is_proc_mem(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == PROC_SUPER_MAGIC &&
	       !strcmp(file->f_path.dentry->d_name.name, "mem");
}

/* An open /proc/PID/mem has the address space as its private data. */
static struct mm_struct *mm_of(struct file *file, struct mm_struct *expected)
{
	if (!is_proc_mem(file))
		return ERR_PTR(-EPERM);
	if (file->private_data != expected)
		return ERR_PTR(-EPERM);
	mmgrab(expected);
	return expected;
}

static struct mm_struct *open_mem(struct pid *pid, struct mm_struct *expected)
{
	struct mm_struct *mm;
	struct file *file;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid_vnr(pid));
	file = filp_open(path, O_RDWR, 0);
	if (IS_ERR(file))
		return PTR_ERR(file) == -EACCES ? ERR_PTR(-EPERM) : ERR_CAST(file);
	mm = mm_of(file, expected);
	fput(file);
	return mm;
}

/**
 * ooh_access_mm - the address space of a process that the caller may ptrace
 * @pid: thread group
 *
 * Return: the address space, with mm_count held; -ESRCH if there is no such process or it has none,
 * -EPERM if the caller may not track it; other errors of opening /proc/PID/mem, such as -ENOENT if
 * /proc is not mounted.
 */
struct mm_struct *ooh_access_mm(struct pid *pid)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	struct mm_struct *mm, *result;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = get_task_mm(task);
	put_task_struct(task);
	if (!mm)
		return ERR_PTR(-ESRCH);
	result = open_mem(pid, mm);
	mmput(mm);
	return result;
}
