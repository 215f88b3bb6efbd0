using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>Who may make tokens, with which keys.</summary>
public sealed class IssuerOptions
{
    /// <summary>What stands in <c>iss</c>, to the letter. Default: none, for tokens that have no <c>iss</c>.</summary>
    public string? Issuer { get; set; }

    /// <summary>What has to stand in <c>aud</c>, by itself or in a list. Default: none; tokens that have an <c>aud</c> are then refused.</summary>
    public string? Audience { get; set; }

    /// <summary>The algorithms that the issuer signs with, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, HS256, HS384 and HS512. Default: none; at least one has to be named.</summary>
    public IList<string> Algorithms { get; } = [];

    /// <summary>Its keys, where it does not publish them. Default: none.</summary>
    public IList<IssuerKeyOptions> Keys { get; } = [];

    /// <summary>Where it publishes its keys: https, or http of this machine. Default: none.</summary>
    public string? JwksUrl { get; set; }

    /// <summary>A file with its keys as it would publish them, read again like a URL. Default: none.</summary>
    public string? JwksFile { get; set; }

    /// <summary>How far its clock and the hub's may be apart. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Skew { get; set; } = TimeSpan.FromSeconds(30);
}
