// A pool worker whose thread dies of every job.
export default (): void => process.exit(1)
