// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes to a process's pages with interrupts off for as long as it takes: the notification of a
 * full log cannot be delivered meanwhile. For the tests only.
 *
 * write(2) to /dev/ooh-irqsoff: the buffer is the address of an area (8 bytes) and its number of
 * pages (8 bytes). One byte of each page is written. The pages have to be present and writable.
 */
#include <linux/fs.h>
#include <linux/irqflags.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

static bool write_pages(u8 __user *area, u64 pages)
{
	const u8 value = 0x5a;
	bool done = true;
	unsigned long flags;

	local_irq_save(flags);
	pagefault_disable();
	for (; pages && done; pages--, area += PAGE_SIZE)
		done = !__copy_to_user_inatomic(area, &value, 1);
	pagefault_enable();
	local_irq_restore(flags);
	return done;
}

static ssize_t irqsoff_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	u64 area[2];

	if (size != sizeof(area))
		return -EINVAL;
	if (copy_from_user(area, from, sizeof(area)))
		return -EFAULT;
	if (area[1] > 65536 || !access_ok(u64_to_user_ptr(area[0]), area[1] * PAGE_SIZE))
		return -EINVAL;
	return write_pages(u64_to_user_ptr(area[0]), area[1]) ? size : -EFAULT;
}

static const struct file_operations irqsoff_fops = {
	.owner = THIS_MODULE,
	.write = irqsoff_write,
};

static struct miscdevice irqsoff_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ooh-irqsoff",
	.fops = &irqsoff_fops,
	.mode = 0600,
};

module_misc_device(irqsoff_device);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Writes to user pages with interrupts off, for the tests of the OoH Module");
