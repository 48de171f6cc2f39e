/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CHAOS_UTIL_JSON_H
#define CHAOS_UTIL_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

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
 * doc_list() - add an empty array to an object
 * @doc: the object
 * @key: for it
 *
 * Return: the array, which lives as long as the object.
 */
struct json_object *doc_list(struct json_object *doc, const char *key);

/**
 * doc_object() - add an empty object to an object
 * @doc: the object
 * @key: for it
 *
 * Return: the new one, which lives as long as the object.
 */
struct json_object *doc_object(struct json_object *doc, const char *key);

/**
 * list_text() - add a text to an array
 * @list: the array
 * @text: the text
 */
void list_text(struct json_object *list, const char *text);

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

/**
 * doc_get_fraction() - a number with decimals of an object
 * @doc: the object
 * @key: which one
 *
 * Return: the number, or 0 if there is none.
 */
double doc_get_fraction(struct json_object *doc, const char *key);

/**
 * doc_get_bool() - a truth value of an object
 * @doc: the object
 * @key: which one
 *
 * Return: the value, or false if there is none.
 */
bool doc_get_bool(struct json_object *doc, const char *key);

/**
 * doc_get_list() - an array of an object
 * @doc: the object
 * @key: which one
 * @count: out: how many are in it
 *
 * Return: the array, which lives as long as the object, or NULL if there is none.
 */
struct json_object *doc_get_list(struct json_object *doc, const char *key,
				 size_t *count);

/**
 * doc_load() - read a document from a file
 * @path: of the file
 *
 * Return: the document, to be released with json_object_put(); NULL if there is
 * none, or not a whole one.
 */
struct json_object *doc_load(const char *path);

/**
 * doc_write() - write a document into a file
 * @path: of the file
 * @doc: the document
 * @err: out: the reason of a failure
 *
 * Others see all of it, or what was there before.
 *
 * Return: 0 or a negative errno.
 */
int doc_write(const char *path, struct json_object *doc, struct error *err);

/**
 * doc_clean() - remove what those left that were killed in doc_write()
 * @path: of the directory
 *
 * A file appears in one piece: what was written of it before is a file of its
 * own, and only a moment old if its writer lives.
 */
void doc_clean(const char *path);

/**
 * text_is_utf8() - whether a text can be part of JSON
 * @text: the text
 * @len: its length
 *
 * Return: whether it is UTF-8, without a NUL.
 */
bool text_is_utf8(const char *text, size_t len);

#endif /* CHAOS_UTIL_JSON_H */
