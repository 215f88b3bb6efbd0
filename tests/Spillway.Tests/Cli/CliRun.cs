using Spillway.Cli;
using Spillway.TestKit;

namespace Spillway.Tests.Cli;

/// <summary>Runs the command in this process.</summary>
internal sealed class CliRun
{
    private readonly Dictionary<string, string> _environment = [];

    /// <summary>What the command finds at its standard input.</summary>
    public byte[] Input { get; init; } = [];

    public bool Colours { get; init; }

    public bool IsErrorWatched { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the machine describes itself.</summary>
    public string Root { get; init; } = "/";

    public LineWriter Out { get; } = new();

    public LineWriter Error { get; } = new();

    public CliRun With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public Task<int> StartAsync(CancellationToken cancellationToken, params string[] arguments) => CommandLine.RunAsync(
        arguments, new Terminal(Out, Error, () => new MemoryStream(Input), Colours, _environment) { IsErrorWatched = IsErrorWatched, Clock = Clock, Root = Root }, cancellationToken);

    public Task<int> RunAsync(params string[] arguments) => StartAsync(TestContext.Current.CancellationToken, arguments);
}
