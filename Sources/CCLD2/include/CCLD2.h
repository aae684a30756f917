#ifndef WIREROOM_CCLD2_H
#define WIREROOM_CCLD2_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What CLD2 says of a text. CLD2 is C++ with overloads and references, which Swift cannot call without C++ interoperation.
typedef struct {
    const char *code;   // A constant of the library such as "en"; never freed. NULL when nothing was recognised.
    int32_t percent;    // The share of the text in that language, 0 to 100.
    double score;       // The language's score relative to ordinary text of it, about 1.0 for real text.
    int32_t text_bytes; // How many bytes of letters were looked at.
    int32_t is_reliable;
} wireroom_cld2_guess;

// Guesses the language of UTF-8 plain text. Thread safe; invalid UTF-8 gives no language.
wireroom_cld2_guess wireroom_cld2_detect(const char *text, int32_t count);

#ifdef __cplusplus
}
#endif
#endif
