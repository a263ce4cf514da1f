/* Times libwbxml in-process: libwbxml FILE SECONDS. The file holds messages, each a language number and a length (32 bits,
 * native order) and the octets. Prints the nanoseconds a message for parsing to a tree (and freeing it), then for encoding
 * from a tree (and freeing the result): the mean of many passes over all messages.
 *
 * The tree functions are exported by the library but their header is not installed, hence the declarations. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wbxml.h>

WBXMLError wbxml_tree_from_wbxml(WB_UTINY *wbxml, WB_ULONG length, WBXMLLanguage language, int charset, void **tree);
WBXMLError wbxml_tree_to_wbxml(void *tree, WB_UTINY **wbxml, WB_ULONG *length, WBXMLGenWBXMLParams *params);
void wbxml_tree_destroy(void *tree);

typedef struct {
    uint32_t language, length;
    WB_UTINY *octets;
    void *tree;
} message;

static message messages[1024];
static int count;

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1e9 + at.tv_nsec;
}

static void check(WBXMLError error, int index) {
    if (error == WBXML_OK) return;
    fprintf(stderr, "message %d: libwbxml says: %s\n", index, (const char *)wbxml_errors_string(error));
    exit(1);
}

static void parse_all(void) {
    for (int i = 0; i < count; i++) {
        void *tree = NULL;
        check(wbxml_tree_from_wbxml(messages[i].octets, messages[i].length, messages[i].language, 0, &tree), i);
        wbxml_tree_destroy(tree);
    }
}

static void encode_all(void) {
    /* No string table: it would find nothing to put there, but look for it. */
    WBXMLGenWBXMLParams params = {WBXML_VERSION_13, 1, 0, 0};
    for (int i = 0; i < count; i++) {
        WB_UTINY *octets = NULL;
        WB_ULONG length = 0;
        check(wbxml_tree_to_wbxml(messages[i].tree, &octets, &length, &params), i);
        free(octets);
    }
}

static double mean(void (*pass)(void), double seconds) {
    int passes = 0;
    double began = now(), ended = began;
    for (; ended - began < seconds * 1e9; ended = now(), passes++) pass();
    return (ended - began) / passes / count;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    FILE *file = fopen(argv[1], "rb");
    if (!file) return 2;
    uint32_t head[2];
    while (count < 1024 && fread(head, sizeof head, 1, file) == 1) {
        message *m = &messages[count];
        m->language = head[0];
        m->length = head[1];
        m->octets = malloc(m->length);
        if (fread(m->octets, 1, m->length, file) != m->length) return 2;
        check(wbxml_tree_from_wbxml(m->octets, m->length, m->language, 0, &m->tree), count);
        count++;
    }
    double seconds = atof(argv[2]);
    printf("%.0f %.0f\n", mean(parse_all, seconds / 2), mean(encode_all, seconds / 2));
    return 0;
}
