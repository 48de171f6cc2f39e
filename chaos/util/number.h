/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_NUMBER_H
#define CHAOS_UTIL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * number_take() - read the number that a text begins with
 * @text: becomes what follows the number
 * @max: largest number
 * @number: out
 *
 * Only digits count: no sign, no blank before, no other base.
 *
 * Return: whether there is one; if not, @text stays.
 */
bool number_take(const char **text, uint64_t max, uint64_t *number);

/**
 * number_parse() - read a text that is a number and nothing else
 * @text: what the user typed
 * @min: smallest number
 * @max: largest one
 * @number: out
 *
 * Return: whether it is one.
 */
bool number_parse(const char *text, unsigned int min, unsigned int max,
		  unsigned int *number);

/**
 * number_bytes() - a number of octets, for people
 * @bytes: how many
 * @text: out: "12.3 MiB"
 * @size: of @text
 *
 * Return: @text.
 */
const char *number_bytes(double bytes, char *text, size_t size);

#endif /* CHAOS_UTIL_NUMBER_H */
