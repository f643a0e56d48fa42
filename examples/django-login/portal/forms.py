"""The login: name, password, and the code on the display of the token."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django_otp import match_token


class SignInForm(AuthenticationForm):
    """Asks for a code besides name and password, and checks it last."""

    code = forms.CharField(max_length=8, widget=forms.TextInput({"autocomplete": "one-time-code"}))

    def clean(self):
        """Accept the code of any token that is the user's."""
        cleaned = super().clean()
        user = self.get_user()
        user.otp_device = match_token(user, cleaned.get("code", ""))
        if user.otp_device is None:
            raise forms.ValidationError("This code is not the one expected.", code="wrong_code")
        return cleaned
