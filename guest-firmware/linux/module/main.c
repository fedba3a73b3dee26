// SPDX-License-Identifier: GPL-2.0-only
/*
 * The OoH Module: page-modification logging for processes of a guest that runs on Xen with OoH
 * calls. This file: the module as such, and /dev/ooh.
 */
#define pr_fmt(fmt) "ooh: " fmt

#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <xen/xen.h>
#include <asm/xen/hypervisor.h>

#include "hw.h"
#include "module.h"

static unsigned int threshold = 255;
module_param(threshold, uint, 0444);
MODULE_PARM_DESC(threshold, "index at which the processor notifies, 0 to 510 (default 255)");

u32 ooh_caps;
DEFINE_MUTEX(ooh_mutex);

static struct miscdevice ooh_device;

static int ooh_open(struct inode *inode, struct file *filp)
{
	struct ooh_file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	filp->private_data = file;
	return 0;
}

static int ooh_release(struct inode *inode, struct file *filp)
{
	struct ooh_file *file = filp->private_data;

	if (file->tracker)
		ooh_tracker_destroy(file->tracker);
	if (file->pool)
		ooh_spp_destroy(file);
	kfree(file);
	return 0;
}

static int ioctl_register(struct ooh_file *file, void __user *user)
{
	struct ooh_register arg;
	struct ooh_tracker *tracker;
	int error;

	if (file->tracker || file->pool)
		return -EBUSY;
	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	error = ooh_tracker_create(ooh_device.this_device, &arg, &tracker);
	if (error)
		return error;
	if (copy_to_user(user, &arg, sizeof(arg))) {
		ooh_tracker_destroy(tracker);
		return -EFAULT;
	}
	file->tracker = tracker;
	return 0;
}

static int ioctl_rearm(struct ooh_file *file, void __user *user)
{
	struct ooh_rearm arg;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (!arg.n)
		return ooh_rearm_all(file->tracker);
	return ooh_rearm_list(file->tracker, u64_to_user_ptr(arg.addresses), arg.n);
}

static int ioctl_stats(struct ooh_file *file, void __user *user)
{
	struct ooh_stats stats;

	ooh_tracker_stats(file->tracker, &stats);
	return copy_to_user(user, &stats, sizeof(stats)) ? -EFAULT : 0;
}

static int ioctl_spp(struct ooh_file *file, void __user *user)
{
	struct ooh_spp arg;

	if (file->tracker || file->pool)
		return -EBUSY;
	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	return ooh_spp_create(file, &arg);
}

static int ioctl_mark(void __user *user)
{
	u32 phase;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(phase, (u32 __user *)user))
		return -EFAULT;
	if (phase > 255)
		return -EINVAL;
	return ooh_call(OOH_OP_MARK, phase, 0, 0);
}

static int ioctl_of_tracker(struct ooh_file *file, unsigned int command, void __user *user)
{
	if (!file->tracker)
		return -EINVAL;
	switch (command) {
	case OOH_IOC_START: return ooh_tracker_start(file->tracker);
	case OOH_IOC_STOP: return ooh_tracker_stop(file->tracker);
	case OOH_IOC_DRAIN: return ooh_tracker_drain(file->tracker);
	case OOH_IOC_REARM: return ioctl_rearm(file, user);
	default: return ioctl_stats(file, user);
	}
}

static int ioctl_locked(struct ooh_file *file, unsigned int command, void __user *user)
{
	switch (command) {
	case OOH_IOC_REGISTER: return ioctl_register(file, user);
	case OOH_IOC_SPP: return ioctl_spp(file, user);
	case OOH_IOC_CAPS: return put_user(ooh_caps, (u32 __user *)user);
	case OOH_IOC_MARK: return ioctl_mark(user);
	case OOH_IOC_START:
	case OOH_IOC_STOP:
	case OOH_IOC_DRAIN:
	case OOH_IOC_REARM:
	case OOH_IOC_STATS: return ioctl_of_tracker(file, command, user);
	default: return -ENOTTY;
	}
}

static long ooh_ioctl(struct file *filp, unsigned int command, unsigned long arg)
{
	struct ooh_file *file = filp->private_data;
	long result;

	if (mutex_lock_interruptible(&file->lock))
		return -EINTR;
	result = ioctl_locked(file, command, (void __user *)arg);
	mutex_unlock(&file->lock);
	return result;
}

static int ooh_mmap(struct file *filp, struct vm_area_struct *vma)
{
	return ooh_spp_mmap(filp->private_data, vma);
}

static const struct file_operations ooh_fops = {
	.owner = THIS_MODULE,
	.open = ooh_open,
	.release = ooh_release,
	.unlocked_ioctl = ooh_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = ooh_mmap,
};

static struct miscdevice ooh_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ooh",
	.fops = &ooh_fops,
	.mode = 0600,
};

/* VMCALL is tried only where a hypervisor expects it. */
static int find_hypervisor(void)
{
	long caps;

	if (!xen_domain() || !xen_cpuid_base()) {
		pr_err("this machine is not a guest of Xen\n");
		return -ENODEV;
	}
	caps = ooh_call(OOH_OP_QUERY, 0, 0, 0);
	if (caps < 0) {
		pr_err("Xen gives this guest no OoH calls (error %ld)\n", caps);
		return -ENODEV;
	}
	if (caps >> OOH_VERSION_SHIFT != OOH_VERSION) {
		pr_err("Xen has version %ld of the OoH calls, %u was expected\n",
		       caps >> OOH_VERSION_SHIFT, OOH_VERSION);
		return -ENODEV;
	}
	ooh_caps = caps;
	return 0;
}

static int __init set_up(void)
{
	int error = ooh_hooks_init();

	if (error)
		return error;
	error = ooh_changes_init();
	if (error)
		return error;
	error = ooh_cpus_init(threshold);
	if (error)
		goto no_changes;
	error = misc_register(&ooh_device);
	if (error)
		goto no_cpus;
	return 0;
no_cpus:
	ooh_cpus_exit();
no_changes:
	ooh_changes_exit();
	return error;
}

static const char *has(u32 capability, const char *name)
{
	return ooh_caps & capability ? name : "";
}

static int __init ooh_init(void)
{
	int error;

	if (threshold > 510) {
		pr_err("threshold is %u, 0 to 510 was expected\n", threshold);
		return -EINVAL;
	}
	error = find_hypervisor();
	if (!error)
		error = set_up();
	if (!error)
		pr_info("%s%s%swith the dirty flags of the %s\n", has(OOH_CAP_EPML, "EPML "),
			has(OOH_CAP_SPML, "SPML "), has(OOH_CAP_SPP, "SPP "),
			ooh_trigger_is_ept() ? "host" : "guest");
	return error;
}

/* Descriptors hold the module, so that nothing is tracked any more. */
static void __exit ooh_exit(void)
{
	misc_deregister(&ooh_device);
	ooh_cpus_exit();
	ooh_changes_exit();
}

module_init(ooh_init);
module_exit(ooh_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Page-modification logging for processes of a guest (Out of Hypervisor)");
