using Spillway.Cli;

using var signals = new TerminationSignals();
return await CommandLine.RunAsync(args, Terminal.OfThisProcess(), signals.Token);
