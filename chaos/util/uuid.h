/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_UUID_H
#define CHAOS_UTIL_UUID_H

#include <stdbool.h>
#include <stdint.h>

#define UUID_SIZE	16
#define UUID_TEXT	37	/* with the final NUL */

/**
 * uuid_format() - write a UUID in hexadecimal, in groups
 * @uuid: 16 octets, in the order in which Xen keeps a handle
 * @text: UUID_TEXT characters
 *
 * Return: @text.
 */
char *uuid_format(const uint8_t *uuid, char *text);

/**
 * uuid_parse() - read what uuid_format() writes
 * @text: 8-4-4-4-12 hexadecimal digits
 * @uuid: 16 octets
 *
 * Return: whether it was one.
 */
bool uuid_parse(const char *text, uint8_t *uuid);

#endif /* CHAOS_UTIL_UUID_H */
