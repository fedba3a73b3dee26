/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the host gives the ROM and a vector image to Bochs: one BIOS image that consists of
 *
 *	the vector image (vecimg.h), padded with zeros to a multiple of ROMIMAGE_PAGE,
 *	rom.bin as it was built (ROMIMAGE_ROM_SIZE bytes).
 *
 * Nothing is patched: Bochs maps the file so that it ends at 4 GByte, and the ROM looks for
 * VI_MAGIC at the pages below itself, lowest first. The bochsrc lines are
 *
 *	megs: 64
 *	romimage: file=<that file>
 *	vgaromimage: file=/dev/null
 *	port_e9_hack: enabled=1
 *
 * where the empty file stands for a VGA BIOS, which Bochs insists on.
 *
 * An optional RAM image is no alternative: Bochs 2.6.11 loads only its first 128 KByte to where
 * the guest sees it. A BIOS image of Bochs is at most 2 MByte; more vectors take several runs.
 *
 * The ROM writes the protocol of vecimg.h to port E9H, then ends Bochs through port 8900H (exit
 * status 1). Without a vector image it prints "! no vector image" and "Z 0".
 */
#ifndef EPML_ROMIMAGE_H
#define EPML_ROMIMAGE_H

#define ROMIMAGE_PAGE		0x1000
#define ROMIMAGE_ROM_SIZE	0x10000	/* bytes of rom.bin */
#define ROMIMAGE_MAX		0x200000	/* bytes of the whole BIOS image */

/* Greatest size of a vector image, in bytes. */
#define ROMIMAGE_MAX_VECTORS	(ROMIMAGE_MAX - ROMIMAGE_ROM_SIZE)

/* Greatest number of steps of one vector, handler steps included. */
#define ROMIMAGE_MAX_STEPS	0x10000

/* Zero bytes that follow a vector image of @size bytes. */
#define ROMIMAGE_PADDING(size)	(-(unsigned long)(size) & (ROMIMAGE_PAGE - 1))

#endif
