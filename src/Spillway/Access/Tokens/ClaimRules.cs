using Spillway.Events;

namespace Spillway.Access.Tokens;

/// <summary>The rules of RFC 7519, section 4.1, for what a verified token says of its time and for whom it is.</summary>
internal static class ClaimRules
{
    /// <summary>The first fault; null where there is none.</summary>
    public static TokenResult? FindFault(TokenClaims claims, TrustedIssuer issuer, DateTimeOffset now)
    {
        if (claims.Expires is null && issuer.Profile.NeedsExpiry)
        {
            return TokenResult.Refuse(TokenFault.Claim, "The token has no exp, without which it would be good for ever.");
        }

        if (now - issuer.ExpirySkew >= claims.Expires)
        {
            return TokenResult.Refuse(TokenFault.Expired, $"The token expired at {Shown(claims.Expires)}.");
        }

        if (now + issuer.Skew < claims.NotBefore)
        {
            return TokenResult.Refuse(TokenFault.NotYetValid, $"The token is not good before {Shown(claims.NotBefore)}.");
        }

        if (now + issuer.Skew < claims.IssuedAt)
        {
            return TokenResult.Refuse(TokenFault.NotYetValid, $"The token was made at {Shown(claims.IssuedAt)}, which is in the future.");
        }

        return FindFaultOfAudience(claims, issuer);
    }

    private static TokenResult? FindFaultOfAudience(TokenClaims claims, TrustedIssuer issuer)
    {
        if (issuer.Profile.TakesAnyAudience)
        {
            return null;
        }

        if (issuer.Audience is { } audience)
        {
            return claims.Audiences.Contains(audience, StringComparer.Ordinal) ? null
                : TokenResult.Refuse(TokenFault.Audience, $"The token's aud {Shown(claims.Audiences)}; here it has to have \"{ShownText.Of(audience)}\".");
        }

        // RFC 7519, 4.1.3: whoever does not find itself in aud must refuse the token, and we have no name to find.
        return claims.Audiences.Count == 0 ? null
            : TokenResult.Refuse(TokenFault.Audience, $"The token's aud {Shown(claims.Audiences)}, but no Audience is configured for its issuer.");
    }

    private static string Shown(DateTimeOffset? time) => Timestamp.Format(time!.Value);

    private static string Shown(IReadOnlyList<string> audiences) => audiences.Count == 0 ? "is missing" : $"is \"{ShownText.Of(string.Join(',', audiences))}\"";
}
