/* SPDX-License-Identifier: BSD-2-Clause */
/* Text inside of XML and of HTML that is XML. */
#ifndef EPML_XML_H
#define EPML_XML_H

#include <stdio.h>

/**
 * Write one byte of text, as a reference if it means something in XML. UTF-8 stays as it is; a
 * control character other than a line feed becomes a blank.
 */
void xml_char(FILE *out, char c);

/** Write a whole text so. */
void xml_text(FILE *out, const char *text);

#endif
