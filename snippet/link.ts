/** A file name that is not a page's. Which of all the others count as downloads is the server's to say. */
export const FILE = /\.(?!.?htm|php|[aj]sp|do$)\w+$/i
