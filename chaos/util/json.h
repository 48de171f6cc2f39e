/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_JSON_H
#define CHAOS_UTIL_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * doc_text() - add a text to an object
 * @doc: the object
 * @key: for it
 * @text: may be NULL
 */
void doc_text(struct json_object *doc, const char *key, const char *text);

/**
 * doc_number() - add a number to an object
 * @doc: the object
 * @key: for it
 * @number: the number
 */
void doc_number(struct json_object *doc, const char *key, int64_t number);

/**
 * doc_fraction() - add a number with three decimals to an object
 * @doc: the object
 * @key: for it
 * @number: the number
 */
void doc_fraction(struct json_object *doc, const char *key, double number);

/**
 * doc_bool() - add a truth value to an object
 * @doc: the object
 * @key: for it
 * @value: the value
 */
void doc_bool(struct json_object *doc, const char *key, bool value);

/**
 * doc_get_text() - a text of an object
 * @doc: the object
 * @key: which one
 *
 * Return: the text, which lives as long as the object; "" if there is none.
 */
const char *doc_get_text(struct json_object *doc, const char *key);

/**
 * doc_get_number() - a number of an object
 * @doc: the object
 * @key: which one
 *
 * Return: the number, or 0 if there is none.
 */
int64_t doc_get_number(struct json_object *doc, const char *key);

#endif /* CHAOS_UTIL_JSON_H */
