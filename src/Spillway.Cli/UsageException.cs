namespace Spillway.Cli;

/// <summary>The command cannot do what it was asked; each fault says which option, with which value, and what to do.</summary>
internal sealed class UsageException(params IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
