// Names whose addresses a file says, for one process: LD_PRELOAD=hosts.so, HOSTS_FILE=FILE with a line "NAME ADDRESS" for each. The file is read at
// each look-up, so a name has another address as soon as the file says so. Names below .locks.test that it does not have are unknown; all others are
// looked up as ever.
#define _GNU_SOURCE
#include "shim.h"
#include <netdb.h>

static const char Domain[] = ".locks.test";

int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict found) {
  size_t length = name ? strlen(name) : 0, tail = sizeof Domain - 1;
  if (length <= tail || strcmp(name + length - tail, Domain) != 0) return REAL(getaddrinfo)(name, service, hints, found);
  char text[4096];
  if (!read_text(getenv("HOSTS_FILE"), text, sizeof text)) return EAI_NONAME;
  char *rest;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    if (strncmp(line, name, length) == 0 && line[length] == ' ') return REAL(getaddrinfo)(line + length + 1, service, hints, found);
  }
  return EAI_NONAME;
}
