namespace Spillway.Tests.Tidy;

/// <summary>A file of the repository: its path from the root, with "/", and its text.</summary>
internal sealed record SourceFile(string Path, string Text);
