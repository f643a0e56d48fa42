"""The API: documents are signed with a code of the signer's token."""

from flask import Flask, jsonify, request


def create_app(tokens):
    """Return the application.

    Args:
        tokens: each :class:`signing.Token`, by its serial number.
    """
    app = Flask(__name__)

    def asked():
        """Return what was sent, and the token that it is about."""
        body = request.get_json()
        return body, tokens.get(body.get("serial"))

    @app.post("/sign")
    def sign():
        body, token = asked()
        if token is None:
            return jsonify(error="no such token"), 404
        if token.locked:
            return jsonify(error="locked: resync with two codes in a row"), 423
        if not token.sign(str(body.get("code"))):
            return jsonify(error="wrong code"), 401
        return jsonify(signed=True)

    @app.post("/resync")
    def resync():
        body, token = asked()
        if token is None:
            return jsonify(error="no such token"), 404
        codes = body.get("codes")
        if not isinstance(codes, list) or len(codes) != 2:
            return jsonify(error="codes must be two, as pressed"), 400
        if not token.resync(*map(str, codes)):
            return jsonify(error="no such pair"), 401
        return jsonify(in_step=True)

    return app
