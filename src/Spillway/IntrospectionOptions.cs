using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>A server that is asked what a token is worth which only it can read (RFC 7662). Without <see cref="Url"/> nobody is asked.</summary>
public sealed class IntrospectionOptions
{
    /// <summary>Where it is asked: https, or http of this machine. Default: none.</summary>
    public string? Url { get; set; }

    /// <summary>The name under which the hub asks. Default: none; it has to be given.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret that goes with it. Default: none; this or <see cref="ClientSecretFile"/> has to be given.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>A file with the secret; a line break at its end is none of it. Default: none.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>What has to stand in <c>aud</c>, by itself or in a list. Default: none; tokens that have an <c>aud</c> are then refused.</summary>
    public string? Audience { get; set; }

    /// <summary>How far its clock and the hub's may be apart. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Skew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to answer. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long what it said counts, and so for how long a token may that was taken back meanwhile; a refusal for 5 s of it at most. 0: not at all. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CacheFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many good tokens are remembered, and how many refused ones; 0 or 1: none. Default: 10,000.</summary>
    [Range(0, 10_000_000)]
    public int Entries { get; set; } = 10_000;

    /// <summary>How many tokens it is asked about at a time; others are told to come again. Default: 64.</summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = 64;

    /// <summary>The most bytes of an answer. Default: 64 KiB.</summary>
    [Range(1_024, 1_024 * 1_024)]
    public int AnswerBytes { get; set; } = 64 * 1024;
}
