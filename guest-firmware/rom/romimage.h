/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the host gives the ROM and a vector image to Bochs.
 *
 * Nothing is patched and nothing is concatenated: rom.bin is the BIOS image as it was built, and
 * the vector image (vecimg.h) is loaded as an optional RAM image behind the 64 MByte that the
 * vectors know. The bochsrc lines are
 *
 *	megs: 128
 *	romimage: file=<builddir>/guest-firmware/rom/rom.bin
 *	optramimage1: file=<vector image>, address=0x4000000
 *	port_e9_hack: enabled=1
 *
 * RAM behind the vectors is chosen because a BIOS image of Bochs is at most 2 MByte. The whole
 * memory must be given at once (megs, or memory: guest=128, host=128): Bochs loads a RAM image in
 * one piece and needs guest memory to be contiguous in its own.
 *
 * The ROM writes the protocol of vecimg.h to port E9H, then ends Bochs through port 8900H (exit
 * status 1). Without a valid image it prints one line "! text" and "Z 0".
 */
#ifndef EPML_ROMIMAGE_H
#define EPML_ROMIMAGE_H

#define ROMIMAGE_ADDRESS	0x04000000u	/* HPA of the vector image; = W_RAM_SIZE */
#define ROMIMAGE_MEGS		128u		/* RAM that Bochs must have, in MByte */
#define ROMIMAGE_MAX		0x04000000u	/* greatest size of a vector image, in bytes */

/* Greatest number of steps of one vector, handler steps included. */
#define ROMIMAGE_MAX_STEPS	0x10000u

#endif
