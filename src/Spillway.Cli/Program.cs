using System.CommandLine;

var root = new RootCommand("Spillway: publish an event once, push it to every subscriber.");
return await root.Parse(args).InvokeAsync();
