using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>A key that a program presents in a token's place. The hub knows its hash only, so it has to be random: at least 128 bits of it.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>Whose it is. Two keys with the same name are of the same publisher, the old one and the new one. Default: none; it has to be given.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>The SHA-256 of the whole key, <c>spk_</c> included, as 64 hexadecimal digits. Default: none; it has to be given.</summary>
    [Required]
    public string Sha256 { get; set; } = "";

    /// <summary>Topics and patterns that it may publish to. Default: none.</summary>
    public IList<string> Publish { get; } = [];

    /// <summary>Topics and patterns that it may subscribe to. Default: none.</summary>
    public IList<string> Subscribe { get; } = [];

    /// <summary>Whether it may do what operators do: read metrics and the state of the hub. Default: false.</summary>
    public bool Admin { get; set; }

    /// <summary>From when on it is refused. Default: none, never.</summary>
    public DateTimeOffset? Expires { get; set; }
}
