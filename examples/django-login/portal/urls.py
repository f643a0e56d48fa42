"""The pages of the portal; tokens are entered in the admin."""

from django.contrib import admin
from django.contrib.auth.views import LoginView
from django.urls import path

from portal.forms import SignInForm
from portal.views import home

urlpatterns = [
    path("", home, name="home"),
    path(
        "login/",
        LoginView.as_view(template_name="login.html", authentication_form=SignInForm),
        name="login",
    ),
    path("admin/", admin.site.urls),
]
