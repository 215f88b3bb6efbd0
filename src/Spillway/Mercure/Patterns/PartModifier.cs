namespace Spillway.Mercure.Patterns;

/// <summary>How often a part may stand.</summary>
internal enum PartModifier
{
    None,
    Optional,
    ZeroOrMore,
    OneOrMore,
}
