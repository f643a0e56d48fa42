"""A doctor who has the token, and the form to sign in with."""

import pytest
from django.urls import reverse

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Hash passwords in no time; codes are what these tests are about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def doctor(django_user_model):
    """Return the user; a test gives them a token."""
    return django_user_model.objects.create_user("doctor", password=PASSWORD)


@pytest.fixture
def sign_in(client, doctor):
    """Return a function that submits the login with a code and tells whether it let them in."""

    def submit(code):
        client.logout()
        form = {"username": doctor.username, "password": PASSWORD, "code": code}
        client.post(reverse("login"), form)
        return client.get(reverse("home")).status_code == 200

    return submit
