namespace Spillway.Mercure.Patterns;

/// <summary>A part of a component's pattern: fixed text, or a group with what stands before and behind it.</summary>
/// <param name="Kind">What it matches.</param>
/// <param name="Value">The text, or the regexp.</param>
/// <param name="Modifier">How often.</param>
/// <param name="Name">Of a group; no two of a component have the same.</param>
/// <param name="Prefix">Text that stands before every repetition of a group.</param>
/// <param name="Suffix">Text that stands behind every repetition of a group.</param>
internal sealed record PatternPart(PartKind Kind, string Value, PartModifier Modifier, string Name = "", string Prefix = "", string Suffix = "")
{
    /// <summary>Whether it stands at least once.</summary>
    public bool IsRequired => Modifier is PartModifier.None or PartModifier.OneOrMore;
}
