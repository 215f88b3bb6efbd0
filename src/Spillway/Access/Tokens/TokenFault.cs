namespace Spillway.Access.Tokens;

/// <summary>What is wrong with a token.</summary>
internal enum TokenFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is longer than a token may be.</summary>
    TooLarge,

    /// <summary>It is no compact JWS whose header and payload are JSON objects.</summary>
    Malformed,

    /// <summary>Its header asks for what is not done here: <c>crit</c>, or a type that is no access token.</summary>
    Header,

    /// <summary>Its algorithm is not one that the issuer may use.</summary>
    Algorithm,

    /// <summary>Nobody vouches for it who is known here.</summary>
    Issuer,

    /// <summary>The issuer has no key that fits it.</summary>
    Key,

    /// <summary>No key of the issuer made its signature.</summary>
    Signature,

    /// <summary>A claim has the wrong form.</summary>
    Claim,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Its time has not come yet, or it says that it was made in the future.</summary>
    NotYetValid,

    /// <summary>It is for somebody else.</summary>
    Audience,

    /// <summary>What it grants cannot be read.</summary>
    Grants,

    /// <summary>Who can read it says that it is not good.</summary>
    Inactive,

    /// <summary>It is an API key, and none that is known here.</summary>
    UnknownKey,

    /// <summary>It is a certificate, and none that is known here.</summary>
    UnknownCertificate,

    /// <summary>Who could judge it cannot be asked. That says nothing about it.</summary>
    Unavailable,
}
