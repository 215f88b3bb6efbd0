namespace Spillway.History;

/// <summary>A history from which another one branched off.</summary>
/// <param name="Epoch">Its identity.</param>
/// <param name="Last">The last offset that both have in common: what it had above is another event, or none, in the branch.</param>
internal readonly record struct Ancestor(ulong Epoch, long Last);
