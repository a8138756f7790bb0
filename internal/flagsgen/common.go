package main

import (
	"slices"
	"strings"
)

// common tells names of HAProxy's functions that other programs give theirs as well: the
// parts of OpenSSL and of the C library that HAProxy brings along (all of OpenSSL's and
// xxHash's names begin with a capital, and none of HAProxy's own), what the symbols of
// PostgreSQL, Python, nginx, systemd or glibc hold too, and words that anybody would take.
func common(name string) bool {
	return len(name) < 4 || name[0] >= 'A' && name[0] <= 'Z' || strings.HasPrefix(name, "__cyg_profile_") ||
		strings.HasPrefix(name, "pthread_") || strings.HasPrefix(name, "mjson") || slices.Contains(commonNames, name)
}

var commonNames = strings.Fields(`
main usage cleanup init deinit hash die dump trace clean reset run start stop complain volatile void relax
accept4 aligned_alloc calloc capget capset dlopen free malloc malloc_trim memalign posix_memalign pvalloc realloc
strdup strndup valloc ntohl sd_notify sd_notifyf is_directory is_addr is_digit is_delimiter ltrim rtrim str_tolower
xprt_register cmpxchg xchg rdtsc calltrace errname base64dec base64urldec memmatch
accept_cb signal_init signal_cb signal_handler hard_stop soft_stop queue_init cache_init url_decode regex_free regex_exec
regex_comp gzip_init delete_entry insert_entry get_entry find_command get_value get_bit dump_hex dump_text dump_binary
parse_line parse_accept read_flt read_dbl write_frame wake_thread
send_log init_http init_log init_args init_debug run_master process_request
`)
