namespace Spillway.Mercure.Patterns;

/// <summary>What a part of a component matches.</summary>
internal enum PartKind
{
    FixedText,
    Regexp,
    /// <summary>One or more characters up to the component's delimiter, such as <c>:id</c>.</summary>
    SegmentWildcard,
    /// <summary>Anything, also nothing: <c>*</c>.</summary>
    FullWildcard,
}
