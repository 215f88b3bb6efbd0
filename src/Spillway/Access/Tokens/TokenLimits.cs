namespace Spillway.Access.Tokens;

/// <summary>How large a token and what is in it may be.</summary>
internal sealed record TokenLimits
{
    /// <summary>The most bytes of a token.</summary>
    public int TokenBytes { get; init; } = 8 * 1024;

    /// <summary>The most bytes of a decoded header.</summary>
    public int HeaderBytes { get; init; } = 4 * 1024;

    /// <summary>How deep objects and arrays may be nested.</summary>
    public int Depth { get; init; } = 8;

    /// <summary>The most grants for one purpose.</summary>
    public int Grants { get; init; } = 256;

    /// <summary>The most characters of a name: subject, token id, client.</summary>
    public int NameLength { get; init; } = 256;

    /// <summary>How many keys are tried where a token names none.</summary>
    public int KeysTried { get; init; } = 8;
}
