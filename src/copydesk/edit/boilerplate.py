"""What text of the site looks like: prompts, captions, bylines, links, biographies.

Votes cannot tell a caption that most extractors keep from a sentence that most crawls lose; the wording and the shape of a
block can. `look` weighs one block by itself, in natural-log odds of being story; `edit.choose` adds the votes.
"""

from __future__ import annotations

import functools
import re
from typing import Literal, NamedTuple

Position = Literal["head", "inside", "tail"]


class Look(NamedTuple):
    """What a block looks like: its kind (empty: story), the words that show it, and the log odds of being story."""

    kind: str
    sign: str
    odds: float


class Sign(NamedTuple):
    """A way of wording that shows a kind of boilerplate, `odds` strong, in a block of at most `longest` words."""

    kind: str
    odds: float
    positions: tuple[Position, ...]
    longest: int
    wording: str


ANYWHERE: tuple[Position, ...] = ("head", "inside", "tail")
ENDS: tuple[Position, ...] = ("head", "tail")
TAIL: tuple[Position, ...] = ("tail",)
HEAD: tuple[Position, ...] = ("head",)

AGENCY = r"(?:AP|AFP|EPA|PTI|ANI|UPI|CP|PA|REUTERS|Reuters|Getty|GETTY|Shutterstock|iStock|Bloomberg|Associated Press|Handout)"
PLATFORM = r"(?:twitter|facebook|instagram|youtube|linkedin|whatsapp|telegram|tiktok|mastodon|bluesky|threads|snapchat|flipboard)"
NETWORK = rf"(?:{PLATFORM}|google news|apple news|social media)"
MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
DAY = rf"(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {MONTH}\.?,? \d{{4}})"
TRADE = (
    r"(?:reporter|editor|writer|journalist|correspondent|columnist|contributor|author|blogger|critic|photographer|producer"
    r"|freelancer?|fellow|intern|analyst|professor|lecturer|bureau chief|news anchor|broadcaster|novelist|presenter|podcaster)"
)

# (?i) is set by `_signs`; (?-i:...) keeps case where it tells.
SIGNS = (
    Sign("newsletter prompt", -5, ANYWHERE, 60, r"\bsign(?:ing)?[ -]?up\b.{0,60}\b(?:newsletters?|inbox|e-?mails?|alerts?|updates|briefing|digest|free|daily|today|for our|to get|to receive)\b"),
    Sign("newsletter prompt", -5, ANYWHERE, 60, r"\b(?:in|to|into|meet) your (?:e-?mail )?(?:inbox|mailbox)\b"),
    Sign("newsletter prompt", -4, ANYWHERE, 40, r"\b(?:our|free|daily|weekly|morning|evening|e-?mail|get the|join the)\b.{0,25}\b(?:newsletters?|mailing list|news alerts?)\b|\bnewsletters?\b.{0,40}\b(?:sign|subscri|deliver|free)"),
    Sign("subscription prompt", -5, ANYWHERE, 80, r"\bsubscribe (?:to|now|today|for|here|and)\b|\b(?:become|already) an? (?:\w+ )?(?:member|subscriber|supporter)\b|\bsubscri(?:be|bers?|ptions?)\b.{0,50}\b(?:access|unlimited|support|offer|trial|month|year|only|content|log ?in)\b|\bfor as little as\b|\b(?:support|fund) (?:our|independent|quality|local) (?:\w+ )?journalism\b|\bunlimited (?:digital )?access\b|\bfree trial\b|\bmake a (?:donation|contribution)\b|\bto continue reading\b|^\W*subscribe\W*$"),
    Sign("share prompt", -4.5, ANYWHERE, 40, rf"\b(?:follow|like|find|join|connect with|visit|tweet|message) (?:\S+ ){{0,6}}?(?:on|at|via) (?:(?:\w+ )?(?:and|&|,|or) )?{NETWORK}\b|\bfollow (?:us|me|@)|\bshare (?:this|on|via|with|your|the)\b|^(?:share|tweet|e-?mail|print|pin ?it|whatsapp|{PLATFORM}|save|copy link|[\W\d])+$"),
    Sign("related links", -4.5, ANYWHERE, 40, r"^\W*(?:read (?:more|next|also|on|the full|our|this)|also read|see (?:also|more|related)|related(?: (?:articles?|stories|links?|content|topics?|news|coverage|reading|posts?|video))?\W|more (?:on|from|in|stories|news|about|like this|coverage)\b|more\W*:|recommended|you (?:may|might) (?:also )?(?:like|be interested)|most (?:read|popular|viewed|shared|commented)|don[’']t miss|continue reading|trending|editor[’']?s[’']? picks?|top stories|up next|next (?:article|story)|previous (?:article|story)|what to read next|must[- ]reads?|further reading|in case you missed|click (?:here|through)|watch(?: (?:now|live|more|this|the video|below|video|here|again))?\s*[:|]|watch (?:now|live|more|below)\b|listen(?: (?:now|here|back|to this))?\s*[:|]|tap here|check out (?:our|the|what|more|these)|view (?:gallery|all|more|comments|slideshow)|(?:in )?(?:photos|pictures|gallery|video|slideshow)\s*[:|])"),
    Sign("related links", -3, ANYWHERE, 25, r"\bclick here\b|\bread more\b|\bread the full (?:story|article)\b|\blisten back here\b|\bhere[’']s a link\b|\bread our\b"),
    Sign("caption", -4, ANYWHERE, 70, rf"\b(?:file )?(?:photos?|photographs?|images?|pictures?|pic|photo illustration|illustration|graphic|screen ?grab|screenshot|screengrab)\b\W{{0,3}}(?:credits?|by|via|copyright|caption|courtesy|source|taken)\b|\b(?:photo|image|picture|pic|video|credit|source)s?\s*[:/©]|\bfile (?:photo|picture|image|pic)\b|\bcourtesy of\b.{{0,30}}$|\bimages? caption\b"),
    Sign("caption", -4, ANYWHERE, 70, rf"(?-i:[(/|–—:©-] ?{AGENCY}\b)(?! ?[-–—] )|(?-i:\b{AGENCY}(?: (?:Photo|Images?|File|photo|images?|Entertainment))\b)|(?-i:\bvia (?:{AGENCY}|TNS|USA TODAY))|(?-i:REUTERS/)|(?-i:\b{AGENCY}\)?\.?$)|\(?(?:left|right|center|centre|top|bottom|above|pictured)\)?,? (?:and|with|is|are|in|at|during|poses?|speaks?)\b.{{0,200}}\((?:\w+ ){{1,4}}(?:for )?\w+\)$"),
    Sign("reporting credit", -5, ANYWHERE, 60, r"^\W*(?:additional |with |further )?(?:reporting|writing|edit(?:ing|ed)|compiled|written|translated|translation|research|graphics?|production|produced)(?: (?:and|&) \w+)? by\b|\bcontributed (?:to this (?:report|story|article|piece)|reporting)\b|^\W*with (?:inputs?|reporting|files|agency) (?:from|by)\b|\bthis (?:story|article|report|piece|post) (?:was|has been|originally|first|is) (?:\w+ )?(?:published|appeared|produced|republished|auto-generated|written|updated|corrected|provided)\b"),
    Sign("copyright", -5, ANYWHERE, 90, r"©|\bcopyright\b.{0,30}\b(?:\d{4}|by)\b|\ball rights reserved\b|\bmay not be (?:published|reproduced|reprinted|redistributed|republished)\b|\b(?:terms of (?:use|service)|privacy (?:policy|notice)|cookie policy)\b"),
    Sign("comments", -4.5, ANYWHERE, 60, r"\b(?:leave|post|add|write|submit|view|show|read|hide|load|join|see) (?:an? |the |your |all |\d+ |in |more )*(?:comments?|repl(?:y|ies)|conversation|discussion)\b|\bcomments? (?:are|is|section|policy|guidelines|will be|that|below|closed|\(\d+\))|^\W*(?:\d+|no)? ?comments?\W*\d*\W*$|\blog ?(?:in|ged in) (?:to|with|or)\b|\bwhat do you think\b.{0,40}\b(?:comments?|below|let us know)\b|\blet us know (?:in|below|what)\b|\bcomentários\b|\bkommentare?\b|\bcommentaires?\b"),
    Sign("advert", -4.5, ANYWHERE, 40, r"^\W*(?:advertisements?|advertiser content|advertising|sponsored(?: content| by)?|promoted|paid post|partner content)\b|\b(?:story|article|post) continues (?:below|after)\b|\bscroll (?:down )?(?:to continue|for more)\b|\b(?:we|this site) may (?:earn|receive|get)\b.{0,40}\b(?:commission|compensation)\b|\baffiliate (?:links?|commission)\b|\bpowered by\b|\buse (?:the )?(?:promo |discount )?code\b"),
    Sign("contact", -4, ENDS, 60, r"[\w.+-]+@[\w-]+\.\w+|\b(?:can|may) be (?:reached|contacted|followed|found) (?:at|on|by|via)\b|\bcontact (?:the (?:author|writer|reporter|newsroom)|us|him|her|them|\w+ \w+ at)\b|\bhave an? (?:tip|story|question|opinion)\b|\bsend (?:us|your|tips|an email)\b|\bgot an? (?:tip|story)\b|\b(?:e-?mail|write to|reach|text|call) (?:him|her|them|us|me|the author|the reporter) (?:at|on|via)\b"),
    Sign("biography", -4.5, TAIL, 90, rf"\b(?:is|was|serves|works|worked|served|has (?:been|worked|served)|joined|freelances)\b(?: \S+){{0,14}}? {TRADE}s?\b|\b{TRADE}\b.{{0,50}}\b(?:based in|covering|at the|who (?:covers|writes|reports|lives)|specializ?s?ing)\b|\bon the (?:\w+ )?(?:desk|beat|staff|team)\b|\bfounding (?:member|editor|partner)\b"),
    Sign("biography", -4, TAIL, 90, r"^(?:\W*(?:about the author|author bio|the author|about)\b|(?:[A-Z][\w.’'-]+ ){1,4}(?:(?:has )?(?:covers?|covered|writes?|written|reports?|reported|edits?|blogs?|tweets|lives|lived|teaches|studied|graduated|holds|grew up|hosts?|contributes?|specializ?s?es|joined|previously|is based|was born|was raised))\b)"),
    Sign("biography", -3.5, TAIL, 50, r"^(?:he|she|they|his|her|their|\w+[’']s)\b.{0,80}\b(?:covers?|writes?|written|reports? (?:on|for|from)|work (?:has )?appear(?:s|ed)|book|books|novels?|column|lives (?:in|with|near)|born in|graduate[ds]?|degree|award|previously|formerly|joined|beat|masthead|newsroom|career|twitter|based in|member of the|tweets|team)\b|\bfollow (?:him|her|them|his|\w+ \w+ (?:on|at|@))\b"),
    Sign("byline", -4, ENDS, 14, r"^\W*(?:by|von|por|par|written by|posted by|words by|story by|text by|from)\W+(?-i:(?:[A-Z][\w.’'-]*|de|van|von|la|bin|al|and|&|,)(?:[ ,]+|$)){1,7}(?:\W|$)(?:.{0,60}(?:\d|staff|writer|reporter|editor|press|news|correspondent).{0,40})?$"),
    Sign("byline", -2.5, ENDS, 14, rf"^\W*(?-i:[A-Z][\w.’'-]+ (?:[A-Z][\w.’'-]* ?){{1,3}})[,|/–—-]? ?.{{0,30}}\b(?:staff|{TRADE}|special to|for the|news service|wire services?|press)\b.{{0,30}}$"),
    Sign("date line", -4, ENDS, 16, rf"\b(?:published|updated|posted|last (?:modified|updated)|created|date|issued|filed|modified|first published|uploaded)\b.{{0,24}}(?:{DAY}|\d{{1,2}}:\d\d|\b\d{{4}}\b|ago\b)|^\W*(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\W*)?(?:at )?(?:\d{{1,2}}:\d\d\W*(?:[ap]\.?m\.?)?\W*(?:[A-Z]{{2,4}})?\W*)?{DAY}\W*(?:at |\|)?\W*(?:\d{{1,2}}[:.]\d\d\W*(?:[ap]\.?m\.?)?\W*(?:[A-Z]{{2,4}})?)?\W*$|^\W*(?:\d+|an?|one) (?:min(?:ute)?s?|hours?|days?|weeks?|months?) (?:ago|read)\b|^\W*\d+ min(?:ute)?s? read"),
    Sign("date line", -2.5, HEAD, 30, rf"\b{DAY}\b"),
    Sign("navigation", -5, ANYWHERE, 300, r"\bskip to (?:main )?(?:content|navigation)\b|\bback to (?:top|home|all)\b|\bsign in\b.{0,30}\b(?:register|subscribe|search|menu)\b|\btoggle (?:navigation|menu)\b|^\W*(?:home|menu|search|sign in|log in|register|close|news|sport|sports|business|opinion|weather|world|politics|culture|lifestyle|tech|video|more|contact|about(?: us)?|subscribe|local|entertainment|health|travel|advertise|e-?paper|jobs|classifieds|obituaries|[\W\d])+$|(?:\S[ \t]*[|•·»›>][ \t]*\S.{0,60}){3}|\benable javascript\b|\bcookies?\b.{0,40}\b(?:accept|use|consent|settings)\b"),
)


def look(text: str, position: Position) -> Look:
    """What the block `text`, a paragraph or a sentence at the head of, inside or at the tail of the texts, looks like.

    Wording first (`SIGNS`); the shape of the block adds its part: a full sentence speaks for story, a line without an end or
    all in capitals against it. Signs do not add up: the strongest one tells the kind.
    """
    block = " ".join(text.split())
    words = block.split(" ")
    shape = _shape(block, words, position)
    best = Look("", "", 0.0)
    for sign, expression in _signs():
        if sign.odds < best.odds and len(words) <= sign.longest and position in sign.positions:
            match = expression.search(block[:2000])
            if match is not None:
                best = Look(sign.kind, match.group().strip()[:60], float(sign.odds))
    if best.kind:
        return best._replace(odds=best.odds + min(0.0, shape.odds))
    return shape


def _shape(block: str, words: list[str], position: Position) -> Look:
    """What the shape of a block says without its wording."""
    ended = block.rstrip("\"'”’»)] ").endswith((".", "!", "?", "…", "。", "！", "？", "।", ":", ";", ",", "”"))
    letters = [word for word in words if word[:1].isalpha()]
    capital = sum(word[0].isupper() for word in letters)
    if len(words) >= 4 and block.isupper():
        return Look("heading", block[:60], -2.5)
    if not ended and len(words) <= 30 and len(letters) >= 3 and capital >= 0.7 * len(letters):
        return Look("heading" if position != "inside" else "related links", block[:60], -2.0)
    if not ended and len(words) <= 40:
        return Look("heading" if position == "head" else "caption", block[:60], -1.5 if position != "inside" else -1.0)
    if ended and len(words) >= 12 and capital < 0.5 * len(letters):
        return Look("", "", 0.7)
    return Look("", "", 0.0)


@functools.cache
def _signs() -> tuple[tuple[Sign, re.Pattern[str]], ...]:
    return tuple((sign, re.compile(f"(?i){sign.wording}")) for sign in SIGNS)
