#include "CCLD2.h"

// The CLD2 header names FILE without including this.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

extern "C" wireroom_cld2_guess wireroom_cld2_detect(const char *text, int32_t count) {
    CLD2::Language languages[3] = {CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE, CLD2::UNKNOWN_LANGUAGE};
    int percents[3] = {0, 0, 0};
    double scores[3] = {0, 0, 0};
    int text_bytes = 0;
    bool is_reliable = false;
    int valid_prefix_bytes = 0;
    CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language summary = CLD2::ExtDetectLanguageSummaryCheckUTF8(
        text, count, true, &hints, 0, languages, percents, scores, nullptr, &text_bytes, &is_reliable, &valid_prefix_bytes);
    wireroom_cld2_guess guess = {nullptr, percents[0], scores[0], text_bytes, is_reliable ? 1 : 0};
    if (summary != CLD2::UNKNOWN_LANGUAGE) { guess.code = CLD2::LanguageCode(summary); }
    return guess;
}
