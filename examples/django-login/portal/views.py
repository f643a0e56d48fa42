"""What somebody sees who has signed in."""

from django.http import HttpResponse
from django_otp.decorators import otp_required


@otp_required
def home(request):
    """Greet the one who signed in with a token."""
    return HttpResponse(f"Signed in as {request.user} with {request.user.otp_device.name}")
