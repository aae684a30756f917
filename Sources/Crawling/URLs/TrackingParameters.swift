/// Query parameters that say how a reader came to a page, not which page it is.
enum TrackingParameters {
    /// Whether the parameter with this name, in any case, makes no difference to the page.
    static func contains(_ name: some Collection<UInt8>) -> Bool {
        let name = String(decoding: name, as: UTF8.self).lowercased()
        return names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }

    private static let prefixes = [
        "utm_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "at_custom", "ns_", "aspsessionid", "__hs", "fb_action",
        "trk_",
    ]

    private static let names: Set<String> = [
        // Click identifiers of advertising networks.
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
        "li_fat_id", "epik", "srsltid", "dicbo", "rb_clickid", "wickedid", "s_kwcid", "ef_id", "irclickid",
        "gad_source", "gad_campaignid",
        // Web analytics and mailings.
        "_ga", "_gl", "_hsenc", "_hsmi", "hsctatracking", "mc_cid", "mc_eid", "mkt_tok", "vero_id", "vero_conv",
        "oly_enc_id", "oly_anon_id", "xtor", "wt_mc", "wt_zmc", "s_cid", "cmpid", "cmp", "icid", "ocid", "ncid", "smid",
        "sc_cid", "ml_subscriber", "ml_subscriber_hash", "bxid", "emci", "emdi", "ceid", "_branch_match_id",
        "_openstat", "guccounter", "guce_referrer", "guce_referrer_sig", "at_medium", "at_campaign", "at_link_id",
        "at_link_type", "at_link_origin", "at_format", "at_bbc_team", "at_ptr_name", "at_campaign_type",
        // Sharing.
        "igshid", "igsh", "fb_source", "fb_ref", "ref_src", "ref_url", "soc_src", "soc_trk", "__twitter_impression",
        "share_id", "sharetype", "spm", "sh_kit",
        // Sessions.
        "jsessionid", "phpsessid",
    ]
}
