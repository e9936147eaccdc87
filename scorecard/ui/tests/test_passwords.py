"""Which passwords are taken: length, lists and own words, and no rule of composition (NIST SP 800-63B-4, 3.1.1)."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from banks.models import User
from banks.tests.factories import make_bank, make_person
from scorecard.access.hashers import Argon2id
from scorecard.access.roles import Role
from scorecard.identity.models import Factor, Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    bank = make_bank(code="QX0042", name_zh="清溪商业银行", name_en="Qingxi Commercial Bank", short_name="清溪银行")
    return make_person(
        Role.BANK_PREPARER,
        bank=bank,
        username="wangxiaomei.QX",
        name="王晓梅",
        email="meimei88@example.cn",
        phone="13912345678",
    )


def taken(password: str, user: User | None) -> bool:
    try:
        validate_password(password, user)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "password",
    [
        "four plain words together",
        "月亮 晚风 石桥 旧书 一盏灯 三人行呀呀",
        "738291650472936",  # digits alone are no rule of composition, and random ones are hard to guess
        "lowercaseletterswithoutanydigit",
        "electricity rocks at noon",
        "x" * 3 + "tall trees in the wind " * 3,
        "🙂🌊🌲🏔🚲📚🎻🍎🍐🍇🍉🍓🍒🥝🍍",
    ],
)
def test_taken(password: str, person: User) -> None:
    assert taken(password, person)


@pytest.mark.parametrize(
    "password",
    [
        "short of fifteen",
        "aaaaaaaaaaaaaaaa",
        "                ",
        "abcabcabcabcabcabc",
        "tall trees tall trees ",
        "abcdefghijklmnopq",
        "qwertyuiop1234567890",
        "0987654321poiuytrewq",
        "password12345678",
        "!!!!Iloveyou2017!!!!",
        "1q2w3e4r5t6y7u8i",
        "sunshine 2017 2018 2019",
        "demo-scorecard-2017",
        "my scorecard is open",
        "普惠金融普惠很好用的密码啊啊啊",
        "WANGXIAOMEI and the sea",
        "ｗａｎｇｘｉａｏｍｅｉ and the sea",
        "王晓梅的密码是这个没有别的啊啊啊",
        "meimei88 goes fishing",
        "call 13912345678 please",
        "the key of QX0042 is mine",
        "清溪银行门口有两棵大树和一条小河",
    ],
)
def test_refused(password: str, person: User) -> None:
    if password == "short of fifteen":
        password = password[:14]
    assert not taken(password, person)


def test_twelve_characters_are_enough_with_a_second_factor(person: User) -> None:
    password = "nine otters!"
    assert len(password) == 12 and not taken(password, person) and not taken(password, None)
    Factor.objects.create(person=person, kind=Kind.TOTP, name="x")
    assert taken(password, person) and not taken(password[:11], person)


def test_a_duty_to_have_one_counts_like_having_one(settings: Any) -> None:
    officer = make_person(Role.CASE_OFFICER)
    assert not taken("nine otters!", officer)
    settings.REQUIRE_SECOND_FACTOR = True
    assert taken("nine otters!", officer)


def test_full_width_letters_are_the_same_password() -> None:
    hasher = Argon2id()
    encoded = hasher.encode("ｗide gates １７", "somesaltsomesalt")
    assert hasher.verify("wide gates 17", encoded) and hasher.verify("ｗide gates １７", encoded)
    assert not hasher.verify("wide gates 18", encoded)
    before = super(Argon2id, hasher).encode("ｗide gates １７", "somesaltsomesalt")
    assert hasher.verify("ｗide gates １７", before), "a password that was kept before holds"
