"""Fetches a list of URLs with Scrapy and exports status, headers and body of each."""

import scrapy


class Spider(scrapy.Spider):
    name = "bench"
    custom_settings = {
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }

    def __init__(self, list=None, **arguments):
        super().__init__(**arguments)
        with open(list, encoding="utf-8") as lines:
            self.start_urls = lines.read().split()

    async def start(self):
        for url in self.start_urls:
            yield scrapy.Request(url, dont_filter=True)

    def start_requests(self):  # the name before Scrapy 2.13
        for url in self.start_urls:
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response):
        yield {
            "url": response.url,
            "status": response.status,
            "headers": dict(response.headers.to_unicode_dict()),
            "body": response.text,
        }
