// SPDX-License-Identifier: GPL-2.0
/* bzimage FORM FILE - print a kernel, an ELF file, as Linux has it: compressed, after
 * a header that says where. FORM is that of the compression: gzip, xz or lzma, whose
 * program is run; zstd or lz4, in which it is stored as it is; or bzip2, of which there
 * is no more than its beginning.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_FILE	(1 << 20)
#define HEADER		1024	/* two sectors */
#define ZSTD_BLOCK_MAX	(128 << 10)

/* struct bytes - a text that grows */
struct bytes {
	uint8_t data[2 * SIZE_MAX_FILE];
	size_t len;
};

static void put(struct bytes *to, const void *data, size_t len)
{
	if (len > sizeof(to->data) - to->len)
		errx(1, "too large");
	memcpy(to->data + to->len, data, len);
	to->len += len;
}

/* Little-endian, as this machine is. */
static void put_number(struct bytes *to, uint32_t number, size_t len)
{
	put(to, &number, len);
}

static void read_all(struct bytes *to, FILE *from, const char *name)
{
	if (!from)
		err(1, "%s", name);
	to->len = fread(to->data, 1, sizeof(to->data), from);
	if (ferror(from) || to->len > SIZE_MAX_FILE)
		errx(1, "%s: unreadable, or too large", name);
}

static void run(struct bytes *to, const char *form, const char *file)
{
	char command[512];
	FILE *output;

	snprintf(command, sizeof(command), "%s -c < '%s'", form, file);
	output = popen(command, "r");
	read_all(to, output, form);
	if (pclose(output))
		errx(1, "%s failed", form);
}

/* A frame of one segment, with its size, and raw blocks. */
static void store_zstd(struct bytes *to, const struct bytes *from)
{
	size_t at, len;

	put(to, "\x28\xb5\x2f\xfd\xa0", 5);
	put_number(to, from->len, 4);
	for (at = 0; at < from->len; at += len) {
		len = from->len - at;
		if (len > ZSTD_BLOCK_MAX)
			len = ZSTD_BLOCK_MAX;
		put_number(to, (at + len == from->len) | len << 3, 3);
		put(to, from->data + at, len);
	}
}

/* The older format, of one chunk that is one sequence of literals. */
static void store_lz4(struct bytes *to, const struct bytes *from)
{
	size_t rest = from->len - 15, more = rest / 255;

	put(to, "\x02\x21\x4c\x18", 4);
	put_number(to, 1 + more + 1 + from->len, 4);
	put_number(to, 0xf0, 1);
	for (; more; more--)
		put_number(to, 255, 1);
	put_number(to, rest % 255, 1);
	put(to, from->data, from->len);
}

static void compress(struct bytes *to, const char *form, const char *file,
		     const struct bytes *kernel)
{
	if (!strcmp(form, "zstd"))
		store_zstd(to, kernel);
	else if (!strcmp(form, "lz4"))
		store_lz4(to, kernel);
	else if (!strcmp(form, "bzip2"))
		put(to, "BZh91AY&SY", 10);
	else
		run(to, form, file);
	/* As gzip does it by itself. */
	if (strcmp(form, "gzip"))
		put_number(to, kernel->len, 4);
}

/* Documentation/arch/x86/boot.rst */
static void print(const struct bytes *payload)
{
	uint8_t header[HEADER] = "MZ";
	uint32_t len = payload->len;

	header[0x1f1] = HEADER / 512 - 1;
	memcpy(header + 0x202, "HdrS", 4);
	header[0x206] = 15;
	header[0x207] = 2;
	memcpy(header + 0x24c, &len, sizeof(len));
	fwrite(header, sizeof(header), 1, stdout);
	fwrite(payload->data, len, 1, stdout);
	if (fflush(stdout))
		err(1, "stdout");
}

int main(int argc, char **argv)
{
	static struct bytes kernel, payload;

	if (argc != 3)
		errx(2, "usage: bzimage FORM FILE");
	read_all(&kernel, fopen(argv[2], "r"), argv[2]);
	if (kernel.len < 15)
		errx(1, "%s: too small", argv[2]);
	compress(&payload, argv[1], argv[2], &kernel);
	print(&payload);
	return 0;
}
