"""Every address, with each role of the cast: who may, who may not, and nobody is met by a crash."""

from lms.core.permissions import Permission
from lms.people.rules import Role, allowed
from tests import cast

VALUES = {
    "slug": "khong-co",
    "item": "khong-co",
    "code": "7K3Q-9FDM-2XTA",
    "digest": "0" * 64,
    "name": "a.png",
    "number": 1,
    "kind": "tai-lieu-phat-tay",
}


def addresses(app, method):
    for rule in app.url_map.iter_rules():
        if method in rule.methods:
            values = {name: VALUES.get(name, 999_999) for name in rule.arguments}
            with app.test_request_context():
                yield rule, app.url_for(rule.endpoint, **values) if method == "GET" else _built(app, rule, values)


def _built(app, rule, values):
    adapter = app.url_map.bind("localhost")
    return adapter.build(rule.endpoint, values, method="POST")


def roles_of(who):
    return frozenset(cast.CAST[who].roles) | {Role.LEARNER}


def test_every_page_answers_each_role_as_its_access_says(app, client, client_of):
    browsers = {who: client_of(who) for who in cast.CAST}
    for rule, url in list(addresses(app, "GET")):
        access = app.view_functions[rule.endpoint].access
        anonymous = client.get(url).status_code
        assert anonymous in ({200, 303, 404} if access == "public" else {303}), (url, anonymous)
        for who, browser in browsers.items():
            status = browser.get(url).status_code
            if isinstance(access, Permission) and access not in allowed(roles_of(who)):
                assert status == 403, (who, url, status)
            else:
                assert status in {200, 202, 303, 404}, (who, url, status)


def test_every_action_refuses_whoever_may_not(app, client, client_of):
    browsers = {who: client_of(who) for who in ("an", "dung", "hoa")}
    for rule, url in list(addresses(app, "POST")):
        access = app.view_functions[rule.endpoint].access
        if access != "public":
            assert client.post(url).status_code in {303, 401}, url
        if rule.endpoint in {"people.sign_out", "people.sign_out_everywhere"}:
            continue
        for who, browser in browsers.items():
            status = browser.post(url).status_code
            if isinstance(access, Permission) and access not in allowed(roles_of(who)):
                assert status == 403, (who, url, status)
            else:
                assert status < 500, (who, url, status)


def test_unknown_addresses_and_methods_are_explained(client):
    assert client.get("/khong-co-trang-nay").status_code == 404
    assert client.post("/tro-giup").status_code == 405
    assert client.get("/xac-minh?ma=%00%ff<script>").status_code == 404
    assert "<script>alert" not in client.get("/xac-minh?ma=<script>alert(1)</script>").text
