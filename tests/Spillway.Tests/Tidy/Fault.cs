namespace Spillway.Tests.Tidy;

/// <summary>One place where a file does not keep a rule.</summary>
internal sealed record Fault(string Path, int Line, string Text)
{
    public override string ToString() => $"{Path}:{Line}: {Text}";
}
