// SPDX-License-Identifier: GPL-2.0
/*
 * chaos/xen/acpi.c: a PVH guest's ACPI tables, read as the specification says.
 * "acpi DIR VCPUS" writes them, for the script iasl.
 */
#include "harness.h"

#include "xen/acpi.h"

static uint8_t tables[ACPI_SIZE + 64];

static uint64_t get(uint64_t address, unsigned int size)
{
	uint64_t value = 0;

	assert_in_range(address, ACPI_ADDRESS, ACPI_ADDRESS + ACPI_SIZE - size);
	memcpy(&value, tables + (address - ACPI_ADDRESS), size);
	return value;
}

static void is_text(uint64_t address, const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++)
		assert_int_equal(get(address + i, 1), text[i]);
}

static uint8_t sum(uint64_t address, uint64_t len)
{
	uint8_t total = 0;

	while (len--)
		total += get(address++, 1);
	return total;
}

/* A table's header, and its checksum. Return: its length. */
static uint64_t is_table(uint64_t address, const char *signature)
{
	uint64_t len = get(address + 4, 4);

	is_text(address, signature);
	assert_true(len >= 36);
	assert_int_equal(sum(address, len), 0);
	assert_int_equal(address % 4, 0);
	return len;
}

static uint64_t build(unsigned int vcpus)
{
	size_t used;

	memset(tables, 0x5a, sizeof(tables));
	used = acpi_build(tables, vcpus);
	assert_true(used <= ACPI_SIZE);
	assert_int_equal(tables[ACPI_SIZE], 0x5a);
	return used;
}

static uint64_t xsdt(void)
{
	return get(ACPI_ADDRESS + 24, 8);
}

static void test_rsdp(void **state)
{
	(void)state;
	build(1);
	is_text(ACPI_ADDRESS, "RSD PTR ");
	assert_int_equal(sum(ACPI_ADDRESS, 20), 0);
	assert_int_equal(get(ACPI_ADDRESS + 15, 1), 2);
	assert_int_equal(get(ACPI_ADDRESS + 16, 4), 0);
	assert_int_equal(get(ACPI_ADDRESS + 20, 4), 36);
	assert_int_equal(sum(ACPI_ADDRESS, 36), 0);
	assert_int_equal(is_table(xsdt(), "XSDT"), 36 + 2 * 8);
}

static void test_fadt(void **state)
{
	uint64_t fadt;

	(void)state;
	build(1);
	fadt = get(xsdt() + 36, 8);
	assert_int_equal(is_table(fadt, "FACP"), 268);
	assert_int_equal(get(fadt + 8, 1), 5);
	/* Neither VGA nor CMOS clock; nothing that a PC has. */
	assert_int_equal(get(fadt + 109, 2), 1 << 2 | 1 << 5);
	/* WBINVD works, and hardware is reduced: no ports, no FACS. */
	assert_int_equal(get(fadt + 112, 4), 1 << 0 | 1 << 20);
	assert_int_equal(get(fadt + 36, 4), 0);
	assert_int_equal(get(fadt + 132, 8), 0);
	assert_int_equal(get(fadt + 40, 4), 0);
	assert_int_equal(is_table(get(fadt + 140, 8), "DSDT"), 36);
}

static void test_madt(void **state)
{
	static const unsigned int counts[] = { 1, 2, 3, 64, ACPI_VCPUS_MAX };
	uint64_t madt, entry;
	unsigned int i, cpu;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		uint64_t used = build(counts[i]);

		madt = get(xsdt() + 44, 8);
		assert_int_equal(is_table(madt, "APIC"), 44 + 8 * counts[i]);
		assert_int_equal(madt + 44 + 8 * counts[i] - ACPI_ADDRESS,
				 used);
		assert_int_equal(get(madt + 36, 4), 0xfee00000);
		/* No pair of 8259s. */
		assert_int_equal(get(madt + 40, 4), 0);
		for (cpu = 0; cpu < counts[i]; cpu++) {
			entry = madt + 44 + 8 * cpu;
			assert_int_equal(get(entry, 1), 0);
			assert_int_equal(get(entry + 1, 1), 8);
			assert_int_equal(get(entry + 2, 1), cpu);
			assert_int_equal(get(entry + 3, 1), 2 * cpu);
			assert_int_equal(get(entry + 4, 4), 1);
		}
	}
}

static void test_rest_is_zero(void **state)
{
	uint64_t at;

	(void)state;
	for (at = build(5); at < ACPI_SIZE; at++)
		assert_int_equal(tables[at], 0);
}

/* Each table in a file of its own, DIR/SIGNATURE, as iasl takes them. */
static int dump(const char *dir, unsigned int vcpus)
{
	uint64_t fadt, list[4];
	char path[4096];
	FILE *file;
	size_t i;

	build(vcpus);
	fadt = get(xsdt() + 36, 8);
	list[0] = xsdt();
	list[1] = fadt;
	list[2] = get(fadt + 140, 8);
	list[3] = get(xsdt() + 44, 8);
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		const uint8_t *table = tables + (list[i] - ACPI_ADDRESS);

		snprintf(path, sizeof(path), "%s/%.4s", dir, table);
		file = fopen(path, "w");
		if (!file)
			return 1;
		fwrite(table, get(list[i] + 4, 4), 1, file);
		if (fclose(file))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsdp),
		cmocka_unit_test(test_fadt),
		cmocka_unit_test(test_madt),
		cmocka_unit_test(test_rest_is_zero),
	};

	if (argc == 3)
		return dump(argv[1], atoi(argv[2]));
	return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
