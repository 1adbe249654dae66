"""Names from the tables; what is not in them stands for itself."""

from longreach.brief import names


def test_unknown_codes_stand_for_themselves():
    assert names.airport_name("ZZZZ9") == "ZZZZ9"
    assert names.airport_zone("26.0,51.9") is None
    assert names.state_name("QX") == "QX"
