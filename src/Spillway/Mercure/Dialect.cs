namespace Spillway.Mercure;

/// <summary>A version of the Mercure protocol.</summary>
internal enum Dialect
{
    /// <summary>Draft 8 (1.0).</summary>
    Draft8,

    /// <summary>0.x.</summary>
    Classic,
}
