from decimal import Decimal

from django.conf import settings

settings.configure(
    INSTALLED_APPS=[], USE_TZ=True, CONNECTWISE_SERVER_URL="http://127.0.0.1:18081",
    CONNECTWISE_CREDENTIALS={
        "company_id": "northwind", "api_public_key": "PUBLICKEY0000001", "api_private_key": "PRIVATEKEY000001"
    },
    CONNECTWISE_CLIENTID="3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
)
import djconnectwise.api as api  # noqa: E402 (needs the settings)

companies, finance = api.CompanyAPIClient(), api.FinanceAPIClient()
recent = companies.get_companies(page=1, page_size=1000, conditions=["lastUpdated>[2025-01-05T08:30:00+00:00]"])
live = companies.get_companies(page=1, page_size=1000, conditions=["deletedFlag=False", "id>0"])
assert (len(recent), len(live)) == (10, 9)
agreements = finance.get_agreements(page=1, page_size=1000)
assert len(agreements) == 15 and finance.get_agreement_types(page=1, page_size=100)
# It has no client for additions; its own request and PATCH code reads and writes them all the same.
path = "agreements/%d/additions" % agreements[0]["id"]
rows = finance.fetch_resource(path, should_page=True, page=1, page_size=1000)
patched = finance.update_instance({"quantity": Decimal("6.5")}, "%s/%d" % (path, rows[0]["id"]))
assert patched["quantity"] == 6.5
print("django-connectwise: fine")
